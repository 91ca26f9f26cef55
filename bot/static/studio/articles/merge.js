// Two writers at once: the second sees what the first changed, and says field by field what shall stand.

import { openDialog } from "/static/desk/dialog.js";
import { h } from "/static/desk/dom.js";
import { t } from "/static/desk/i18n.js";
import { asRead, asText, shownDiff } from "./diff.js";

const LISTS = ["questions", "audience", "related"];
const isLong = (name) => ["questions", "answer", "body"].includes(name);

const asked = new WeakSet();

/** Asks, once at a time; closing it keeps the conflict, and the page says so. Resolves to whether it is settled. */
export async function settleConflict(draft) {
  if (asked.has(draft)) return false;
  asked.add(draft);
  try {
    return await ask(draft);
  } finally {
    asked.delete(draft);
  }
}

async function ask(draft) {
  const { theirs, fields, who } = draft.clash;
  const sides = fields.map((name) => side(name, draft, theirs, who));
  const answer = await openDialog({
    title: t("articles.merge.title"),
    wide: true,
    submit: t("articles.merge.keep"),
    body: [h("p", {}, who ? t("articles.merge.lead", { name: who }) : t("articles.merge.lead.somebody")), ...sides.map(({ node }) => node)],
  });
  if (answer === null || !draft.clash) return false;
  const settled = { ...draft.clash.form };
  for (const { name, area } of sides) settled[name] = LISTS.includes(name) ? area.value.split("\n").map((line) => line.trim()).filter(Boolean) : area.value || (name === "review_by" ? null : "");
  draft.settle(settled, theirs);
  return true;
}

/** One field: the difference, both versions to choose from, and what comes of it to be changed by hand. */
function side(name, draft, theirs, who) {
  const [mine, other] = [asText(draft.form[name]), asText(theirs[name])];
  const area = isLong(name) ? h("textarea", { class: "input", rows: name === "body" ? "8" : "4", lang: draft.locale }) : h("input", { class: "input", type: name === "review_by" ? "date" : "text", lang: draft.locale });
  area.value = mine;
  area.id = `merge-${name}`;
  const take = (value) => () => {
    area.value = value;
    area.focus();
  };
  const press = (words, value) => h("button", { class: "button button--small", type: "button", on: { click: take(value) } }, words);
  return {
    name,
    area,
    node: h("section", { class: "merge-field", "aria-labelledby": `merge-${name}-name` },
      h("h3", { id: `merge-${name}-name` }, t(`editor.${name}`)),
      h("p", { class: "field-hint" }, who ? t("articles.merge.difference", { name: who }) : t("articles.merge.difference.somebody")),
      shownDiff(asRead(name, other), asRead(name, mine), { lang: draft.locale }),
      h("div", { class: "merge-choices" }, press(t("articles.merge.mine"), mine), press(who ? t("articles.merge.theirs", { name: who }) : t("articles.merge.theirs.somebody"), other)),
      h("label", { class: "field-hint", for: area.id }, t("articles.merge.result")), area),
  };
}

/** What came from somebody else by itself, to be read. */
export function showMerged({ fields, who }, locale) {
  return openDialog({
    title: who ? t("articles.merged.title", { name: who }) : t("articles.merged.title.somebody"),
    wide: true,
    body: fields.map(({ name, was, now }) => h("section", { class: "merge-field" }, h("h3", {}, t(`editor.${name}`)), shownDiff(asRead(name, was), asRead(name, now), { lang: locale }))),
  });
}
