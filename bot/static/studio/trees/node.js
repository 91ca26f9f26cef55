// One node of the outline: what is said in both languages, its choices and where each leads, or how it ends.

import { field } from "/static/desk/dialog.js";
import { h, icon } from "/static/desk/dom.js";
import { label, t } from "/static/desk/i18n.js";
import { ENDS, kindOf, LANGUAGES, MOST_CHOICES } from "./form.js";

const LONGEST = { text: 600, label: 80, words: 1000 };
const listOf = (text) => text.split(",").map((each) => each.trim()).filter(Boolean);

export const problemsAt = (place) => h("div", { class: "form-problems", data: { place }, "aria-live": "polite" });

/** A text in each language, side by side. `at`: its place in the form; `words(code)`: the label of each field. */
export function bothOf(view, at, { words, value, write, rows = 0, most = LONGEST.text }) {
  const one = (code) => {
    const id = `${at}.${code}`;
    const control = rows ? h("textarea", { class: "input tree-text", rows: String(rows) }) : h("input", { class: "input", type: "text", autocomplete: "off" });
    for (const [name, given] of Object.entries({ id, lang: code, maxlength: String(most), "aria-describedby": `${id}-wrong` })) control.setAttribute(name, given);
    control.dataset.field = id;
    control.value = value(code);
    control.addEventListener("input", () => view.draft.edit((form) => write(form, code, control.value), { by: "typing", mark: id }));
    const wrong = problemsAt(id);
    wrong.id = `${id}-wrong`;
    const made = field(words(code), control);
    made.append(wrong);
    return made;
  };
  return h("div", { class: "tree-both" }, LANGUAGES.map(one));
}

/** Words that customers write, split at commas. */
export function wordsOf(view, at, { words, value, write }) {
  return bothOf(view, at, { words, most: LONGEST.words, value: (code) => value[code].join(", "), write: (form, code, text) => (write(form)[code] = listOf(text)) });
}

/**
 * Run once a choice of `select` is meant: keys go through a closed one option by option, and what each would change (a step
 * made, choices dropped) waits for Enter, or until one goes on.
 */
function onceChosen(select, run) {
  let byKey = false;
  let waits = false;
  const settle = () => {
    if (!waits) return;
    waits = false;
    run(select.value);
  };
  select.addEventListener("pointerdown", () => (byKey = false));
  select.addEventListener("keydown", (event) => {
    byKey = event.key !== "Enter";
    if (!waits || byKey) return;
    event.preventDefault();
    settle();
  });
  select.addEventListener("change", () => {
    waits = true;
    if (!byKey) settle();
  });
  // What is in focus next is known then, and stays so.
  select.addEventListener("blur", () => setTimeout(settle));
  return select;
}

/** How one comes to a node, in its row of the outline; nothing for the first. */
export const wayTo = ({ depth, way }) => (depth === null ? [t("trees.nowhere")] : way ? [icon("back"), way] : []);

/** The card of a node. `view`: the outline; `row`: its place in walking order. */
export function nodeCard(view, row) {
  const { name, depth, number } = row;
  const node = view.draft.form.nodes[name];
  const at = `nodes.${name}`;
  const isQuestion = kindOf(node) === "question";
  const text = isQuestion ? "question" : "say";
  const body = [
    bothOf(view, `${at}.${text}`, { rows: 2, words: (code) => t(`trees.${text}.${code}`), value: (code) => node[text]?.[code] ?? "", write: (form, code, typed) => ((form.nodes[name][text] ??= { fr: "", en: "" })[code] = typed) }),
    ...(isQuestion ? choicesOf(view, name, node, at) : endOf(view, name, node, at)),
  ];
  const card = h("li", { class: `tree-node tree-node--${kindOf(node)}`, data: { node: name, depth: String(Math.min(depth ?? 0, 4)) }, tabindex: "-1", "aria-label": t("trees.node", { number }) },
    h("div", { class: "tree-head" }, h("span", { class: "tree-number", "aria-hidden": "true" }, String(number)), h("span", { class: "tree-way" }, wayTo(row)),
      h("div", { class: "tree-tools" }, kindSelect(view, name, node, number), view.draft.form.start !== name && removal(view, name, number))),
    problemsAt(at), body);
  return card;
}

/** A node that stands elsewhere: one goes there. */
export function nodeLink(view, row) {
  const { name, depth } = row;
  const words = h("span", { data: { names: name } }, view.titleOf(name));
  return h("li", { class: "tree-link", data: { depth: String(Math.min(depth, 4)) } }, h("span", { class: "tree-way" }, wayTo(row)), h("button", { class: "tree-jump", type: "button", on: { click: () => view.goTo(name) } }, words));
}

function kindSelect(view, name, node, number) {
  const kinds = ["question", ...ENDS].map((kind) => h("option", { value: kind, selected: kind === kindOf(node) }, t(`trees.kind.${kind}`)));
  return onceChosen(h("select", { class: "input tree-kind", "aria-label": t("trees.kind.of", { number }), data: { key: `${name}.kind` } }, kinds), (kind) => view.turn(name, kind));
}

function removal(view, name, number) {
  const words = t("trees.remove", { number });
  return h("button", { class: "icon-button", type: "button", "aria-label": words, title: words, on: { click: () => view.remove(name) } }, icon("trash"));
}

function choicesOf(view, name, node, at) {
  const add = h("button", { class: "button button--small", type: "button", disabled: node.choices.length >= MOST_CHOICES, data: { key: `${name}.add` }, on: { click: () => view.addChoice(name) } }, icon("plus"), t("trees.choice.add"));
  return [h("div", { class: "tree-choices" }, node.choices.map((choice, place) => choiceOf(view, name, choice, place, `${at}.choices.${place}`))), problemsAt(`${at}.choices`), add];
}

function choiceOf(view, name, choice, place, at) {
  const here = (form) => form.nodes[name].choices[place];
  const count = view.draft.form.nodes[name].choices.length;
  const tool = (step, drawn, can, run) => {
    const words = t(`trees.choice.${step}`, { number: place + 1 });
    return h("button", { class: `icon-button tree-${step}`, type: "button", disabled: !can, "aria-label": words, title: words, data: { key: `${at}.${step}` }, on: { click: run } }, icon(drawn));
  };
  return h("fieldset", { class: "tree-choice" }, h("legend", {}, t("trees.choice", { number: place + 1 })),
    bothOf(view, `${at}.label`, { most: LONGEST.label, words: (code) => t(`trees.label.${code}`), value: (code) => choice.label[code], write: (form, code, typed) => (here(form).label[code] = typed) }),
    wordsOf(view, `${at}.words`, { words: (code) => t(`trees.words.${code}`), value: choice.words, write: (form) => here(form).words }),
    h("div", { class: "tree-leads" }, targetOf(view, `${at}.next`, { value: choice.next, words: t("trees.leads"), none: t("trees.leads.none"), own: name, write: (form, target) => (here(form).next = target) }),
      h("div", { class: "tree-order" }, tool("up", "down", place > 0, () => view.moveChoice(name, place, -1)), tool("down", "down", place < count - 1, () => view.moveChoice(name, place, 1)), tool("remove", "close", true, () => view.removeChoice(name, place)))),
    problemsAt(at));
}

function endOf(view, name, node, at) {
  const diagnosis = h("input", { class: "input", type: "text", autocomplete: "off", maxlength: "300", id: `${at}.diagnosis`, prop: { value: node.diagnosis ?? "" }, data: { field: `${at}.diagnosis` } });
  diagnosis.addEventListener("input", () => view.draft.edit((form) => (form.nodes[name].diagnosis = diagnosis.value || null), { by: "typing", mark: diagnosis.id }));
  const further = node.end === "fix" && h("div", { class: "tree-leads" }, targetOf(view, `${at}.otherwise`, { value: node.otherwise ?? "", words: t("trees.otherwise"), none: t("trees.otherwise.none"), own: name, write: (form, target) => (form.nodes[name].otherwise = target || null) }));
  return [h("p", { class: "field-hint" }, t(`trees.hint.${node.end}`)), further, node.end !== "fix" && field(t("trees.diagnosis"), diagnosis, t("trees.diagnosis.hint"))].filter(Boolean);
}

/** Where it leads: a node that is there, or a new one. */
function targetOf(view, at, { value, words, none, own, write }) {
  const { form } = view.draft;
  const others = view.rows.filter((row) => !row.link && row.name !== own);
  const lost = value && !(value in form.nodes);
  const pick = onceChosen(h("select", { class: "input", id: at, "aria-describedby": `${at}-wrong`, data: { field: at, key: at } },
    h("option", { value: "" }, none), lost && h("option", { value, selected: true }, t("trees.leads.lost")),
    others.map((row) => h("option", { value: row.name, selected: row.name === value, data: { names: row.name } }, view.titleOf(row.name))),
    value === own && h("option", { value: own, selected: true }, view.titleOf(own)),
    h("optgroup", { label: t("trees.leads.new") }, ["question", ...ENDS].map((kind) => h("option", { value: `new:${kind}` }, label("trees.new", kind))))), (chosen) => view.lead(write, chosen));
  const made = field(words, pick);
  const wrong = problemsAt(at);
  wrong.id = `${at}-wrong`;
  const go = value in form.nodes && h("button", { class: "tree-jump tree-jump--go", type: "button", on: { click: () => view.goTo(value) } }, t("trees.go"), h("span", { class: "visually-hidden", data: { names: value } }, view.titleOf(value)));
  made.append(...[go, wrong].filter(Boolean));
  return made;
}
