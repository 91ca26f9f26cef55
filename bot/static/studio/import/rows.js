// The rows of a dry run: filtered by what would become of them, each with its line, its reason or what it would change.

import { h, icon } from "/static/desk/dom.js";
import { label, plural, t } from "/static/desk/i18n.js";
import { asRead, shownDiff } from "../articles/diff.js";
import { unbroken } from "../articles/draft.js";

const STATES = ["refused", "changed", "new", "same"];
const TONES = { new: "good", changed: "info", same: "plain", refused: "bad" };
const SHOWN = 100;
const TWINS = { twin: "says_the_same", alike: "means_the_same" };

/** The published article that says the same already (`twin`), or means it (`alike`), as the dry run’s warning names it. */
export const twinOf = ({ warnings = [] }, kind = "twin") => warnings.find(({ code }) => code === TWINS[kind]);

/** `rows` with filters above them; what needs attention is shown first. */
export function rowsOf(rows, counts) {
  const list = h("ul", { class: "import-rows", "aria-label": t("import.rows") });
  const more = h("div", { class: "list-foot" });
  const tabs = h("div", { class: "tabs", role: "group", "aria-label": t("import.show") });
  const show = (state, most = SHOWN) => {
    const chosen = rows.filter((row) => !state || (state in TWINS ? twinOf(row, state) : row.state === state));
    for (const tab of tabs.children) tab.setAttribute("aria-pressed", String(tab.dataset.state === state));
    list.replaceChildren(...chosen.slice(0, most).map(rowOf));
    const next = () => {
      show(state, most + SHOWN);
      (list.children[most].querySelector("summary") ?? more.querySelector("button"))?.focus();
    };
    more.replaceChildren(...(chosen.length > most ? [h("button", { class: "button", type: "button", on: { click: next } }, t("import.more", { shown: most, total: chosen.length }))] : []));
  };
  const tab = (state, words, count) => h("button", { class: "button button--small tab", type: "button", data: { state }, on: { click: () => show(state) } }, words, " ", h("span", { class: "tab-count" }, String(count)));
  const twins = Object.keys(TWINS).map((kind) => [kind, rows.filter((row) => twinOf(row, kind)).length]).filter(([, count]) => count);
  tabs.append(tab("", t("import.all"), rows.length), ...twins.map(([kind, count]) => tab(kind, t(`import.${kind}`), count)), ...STATES.filter((state) => counts[state]).map((state) => tab(state, t(`import.state.${state}`), counts[state])));
  show(counts.refused ? "refused" : (twins[0]?.[0] ?? ""));
  return h("section", { class: "import-section" }, tabs, list, more);
}

function rowOf(row) {
  const { file, line, state, article_id, title, locale, problem, second, warnings = [], changes = [] } = row;
  const kind = Object.keys(TWINS).find((each) => twinOf(row, each));
  const twin = kind && twinOf(row, kind);
  const head = [
    h("span", { class: "import-line" }, t("import.line", { file, line })),
    h("span", { class: "import-title", lang: locale }, title ? unbroken(title) : t("articles.untitled")),
    h("span", { class: "badges" }, twin && h("span", { class: "badge badge--warn" }, t(`import.${kind}`)), second && h("span", { class: "badge badge--warn" }, t("import.review")), h("span", { class: `badge badge--${TONES[state]}` }, t(`import.state.${state}`))),
  ];
  const why = problem && h("p", { class: "import-why" }, reasonOf(problem));
  const inside = [...changes.map(changeOf), ...(changes.length ? [] : asNew(row)), ...warnings.filter((one) => one !== twin).map((one) => h("p", { class: "import-warning" }, icon("alert"), reasonOf(one)))];
  if (!article_id || state === "same") return h("li", {}, h("div", { class: "import-row" }, head), why);
  return h("li", {}, h("details", {}, h("summary", { class: "import-row" }, head), h("div", { class: "import-inside" }, inside)), twin && twinLine(kind, twin.params, locale), why);
}

function twinLine(kind, { article_id, title, text }, locale) {
  const there = h("a", { lang: locale, href: `/studio/articles/${encodeURIComponent(article_id)}?locale=${locale}`, target: "_blank" }, unbroken(title));
  return h("p", { class: "import-twin" }, icon("alert"), h("span", {}, `${t(`import.${kind}.of`, { text })} `, there));
}

function asNew({ locale, topic, questions = [], answer }) {
  const said = [label("language", locale), topic && label("topic", topic), questions.length && plural("import.questions", questions.length)];
  return [h("p", { class: "import-small" }, said.filter(Boolean).join(" · ")), h("p", { lang: locale }, answer)];
}

const changeOf = ({ field, before, after }) => h("div", { class: "import-change" }, h("h3", {}, t(`editor.${field}`)), shownDiff(asRead(field, before), asRead(field, after)));

/** Why, in the reader's language; a reason that has no words here says its own. */
function reasonOf({ code, params = {}, message }) {
  const said = Array.isArray(params.topics) ? { ...params, topics: params.topics.map((topic) => label("topic", topic)).join(", ") } : params;
  for (const key of [`import.fault.${code}`, `problem.${code}`]) {
    const words = t(key, said);
    if (words !== key) return words;
  }
  return message || t("problem.other");
}
