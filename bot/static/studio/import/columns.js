// What a table of articles may hold: its columns, and one to begin with.

import { h, icon } from "/static/desk/dom.js";
import { label, locale, t } from "/static/desk/i18n.js";

const COLUMNS = ["title", "questions", "answer", "body", "topic", "locale", "review_by", "audience", "related", "id"];

/** The columns, each with what goes into it, and a link to a small CSV that has them. */
export function columnsOf(topics) {
  const names = topics.map((topic) => label("topic", topic)).join(", ");
  const rows = COLUMNS.map((name) => h("div", { class: "import-column" }, h("dt", {}, t(`import.column.${name}`)), h("dd", {}, t(`import.holds.${name}`, { topics: names }))));
  const template = h("a", { class: "button button--small", href: `/static/studio/import/template.${locale()}.csv`, download: t("import.template.name") }, icon("out"), t("import.template"));
  return h("details", { class: "import-columns" }, h("summary", {}, t("import.columns")), h("p", { class: "import-small" }, t("import.columns.note")), h("dl", {}, rows), template);
}
