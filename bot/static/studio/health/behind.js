// What is behind a figure: the masked questions, or the versions that were quoted.

import { openDialog } from "/static/desk/dialog.js";
import { h } from "/static/desk/dom.js";
import { date } from "/static/desk/format.js";
import { label, plural, t } from "/static/desk/i18n.js";
import { sendOn } from "../sent/dialog.js";
import { share } from "./table.js";

const place = ({ article_id, locale }) => `/health/articles/${encodeURIComponent(article_id)}/${locale}`;
const COLUMN = { helped: "help" };

/** The questions of a figure, of one version if it is named. */
export function questionsBehind(page, row, figure, days, version = "") {
  const query = new URLSearchParams({ figure, days, ...(version ? { version } : {}) });
  const subject = figure === "not_helped" && !version && { article_id: row.article_id, locale: row.locale };
  return show(page, `${place(row)}/questions?${query}`, figure, row.title || row.article_id, subject && { subject, days });
}

/** Those of a sum: of all that `asked` narrows the table to. */
export function questionsOver(page, asked, figure, title) {
  const query = new URLSearchParams({ ...asked, figure });
  return show(page, `/health/questions?${query}`, figure, title);
}

async function show(page, address, figure, of, sending = null) {
  const found = await page.run(() => page.api.get(address));
  if (!found) return;
  const title = t("health.behind.title", { column: t(`health.column.${COLUMN[figure] ?? figure}`), title: of });
  const { questions } = found;
  const body = questions.length ? h("ul", { class: "health-questions" }, questions.map(question)) : h("p", { class: "page-note" }, t("health.behind.none"));
  const send = sending && h("div", { class: "health-send" }, h("p", { class: "health-quiet" }, t("sent.why")), h("button", { class: "button", type: "button", on: { click: (event) => {
    event.target.closest("dialog").close();
    sendOn(page, sending.subject, sending.days);
  } } }, t("sent.on")));
  const days = found.openings.length > 0 && h("p", { class: "health-days" }, t("health.opened.days"), " ", found.openings.map(({ day, count }) => t("health.opened.day", { day: date(day), count })).join(" · "));
  const asked = days && questions.length > 0 && h("p", { class: "health-quiet" }, t("health.opened.asked"));
  await openDialog({ title, wide: true, body: [days, asked, days && !questions.length ? null : body, found.more && h("p", { class: "health-quiet" }, t("health.behind.more")), send] });
}

function question({ text, locale, channels, count, last, comments }) {
  const from = channels.map((code) => (code === "help" ? t("health.reader") : label("channel", code)));
  const said = [plural("health.times", count), t("health.last", { when: date(last) }), label("language", locale), ...from];
  return h("li", {},
    text ? h("p", { class: "health-question", lang: locale }, text) : h("p", { class: "health-quiet" }, t("health.behind.wordless")),
    h("p", { class: "list-small" }, said.join(" · ")),
    comments.map((comment) => h("blockquote", { class: "health-comment", lang: locale }, comment)));
}

/** Which version was quoted, with its figures; each opens its questions. */
export async function versionsOf(page, row, days) {
  const found = await page.run(() => page.api.get(`${place(row)}?days=${days}`));
  if (!found) return;
  const column = (name) => h("th", { scope: "col", class: name === "version" ? "" : "number" }, t(`health.column.${name}`));
  const figure = (one, name) => h("td", { class: "number", data: { name: t(`health.column.${name}`) } }, one[name] ? h("button", { class: "health-link", type: "button", "aria-label": t("health.behind", { column: t(`health.column.${name}`), count: one[name] }), on: { click: () => questionsBehind(page, row, name, days, one.version) } }, String(one[name])) : "0");
  const line = (one) => h("tr", {},
    h("th", { scope: "row", class: "health-article" }, h("code", {}, one.version.slice(0, 8)), one.current && h("span", { class: "badge badge--good" }, t("health.current"))),
    figure(one, "shown"), h("td", { class: "number", data: { name: t("health.column.opened") } }, String(one.opened)), h("td", { class: "number", data: { name: t("health.column.help") } }, share(one)), figure(one, "not_helped"), figure(one, "handoffs"),
    h("td", { class: "number", data: { name: t("health.column.last") } }, one.last ? date(one.last) : "–"));
  const table = h("div", { class: "table-box" }, h("table", { class: "table health-table" },
    h("thead", {}, h("tr", {}, ["version", "shown", "opened", "help", "not_helped", "handoffs", "last"].map(column))), h("tbody", {}, found.versions.map(line))));
  await openDialog({ title: t("health.versions.title", { title: row.title || row.article_id }), wide: true, body: [found.versions.length ? table : h("p", { class: "page-note" }, t("health.versions.none"))] });
}
