// What differs between two versions of a guided diagnosis, in the words of its outline and its fields.

import { h } from "/static/desk/dom.js";
import { plural, t } from "/static/desk/i18n.js";
import { asText, shownDiff, shownSwap } from "../articles/diff.js";
import { inMine, kindOf, numbersOf, outlineOf, titleOf } from "./form.js";

const STATES = ["changed", "added", "removed"];
const BADGES = { added: "badge badge--good", changed: "badge badge--info", removed: "badge badge--bad" };
// Of what stands for something else: not its words differ.
const WHOLE = ["kind", "start", "next", "otherwise"];

/** `{told, parts}` of what the server says of two versions. Numbers are those of the later one: what is gone has none. */
export function changesOf({ before, after, fields, steps }) {
  const rows = outlineOf(after, "").filter(({ link }) => !link);
  const numbers = numbersOf(rows);
  const order = [...rows.map(({ name }) => name), ...(before ? outlineOf(before, "").map(({ name }) => name) : [])];
  const view = { before, after, numbers };
  const sorted = [...steps].sort((one, other) => order.indexOf(one.node) - order.indexOf(other.node));
  // Where nothing was before, nothing led anywhere else.
  const top = fields.filter(({ field }) => before || field !== "start");
  const parts = [top.length && part("top", t("trees.change.top"), fieldsOf(view, top, (field) => (field === "start" ? t("trees.change.start") : t(`trees.${field.replace("words", "named")}`)))), ...sorted.map((step) => stepOf(view, step))].filter(Boolean);
  const counts = STATES.map((state) => [state, steps.filter((step) => step.state === state).length]).filter(([, count]) => count);
  const told = [top.length && t("trees.change.top"), ...counts.map(([state, count]) => plural(`trees.change.${state}`, count))].filter(Boolean).join(", ");
  if (!parts.length) return { told: t("trees.change.none"), parts: [h("p", { class: "page-note" }, t("trees.change.none"))] };
  return { told, parts: [h("p", { class: "tree-change-told" }, told), ...parts] };
}

const part = (kind, title, ...rest) => h("section", { class: `tree-change tree-node--${kind}` }, h("h3", {}, title), rest);

/** A step by the name that the later version has for it, else the earlier. */
function named({ before, after, numbers }, name) {
  const node = after.nodes[name] ?? before?.nodes[name];
  return node ? titleOf(node, numbers.get(name)) : t("trees.leads.lost");
}

function stepOf(view, { node: name, state, fields, choices, reordered }) {
  const [was, is] = [view.before?.nodes[name], view.after.nodes[name]];
  const kind = kindOf(is ?? was);
  const text = kind === "question" ? "question" : "say";
  const words = (field) => (field === "kind" ? t("trees.change.kind") : t(`trees.${field.replace("text", text)}`));
  // What comes after a fix that does not help is told of a fix alone: nothing there is an advisor.
  const isFix = was?.end === "fix" && is?.end === "fix";
  const moved = reordered && row(t("trees.change.order"), shownSwap(...[was, is].map((node) => node.choices.map(labelOf).join(" · "))));
  return part(kind, [h("span", { class: BADGES[state] }, t(`trees.change.${state}`)), " ", named(view, name)],
    fieldsOf(view, fields, words, isFix ? t("trees.otherwise.none") : ""), moved && h("dl", {}, moved), choices.map((choice) => choiceOf(view, was, is, choice)));
}

const labelOf = ({ label }) => inMine(label) || t("trees.try.empty");

function choiceOf(view, was, is, { before, after, fields }) {
  const label = labelOf(after === null ? was.choices[before] : is.choices[after]);
  // Of a step that is new, or gone, all choices are.
  const state = !was || !is ? "" : before === null ? ".added" : after === null ? ".removed" : "";
  const number = (after ?? before) + 1;
  return h("section", { class: "tree-change-choice" }, h("h4", {}, t(`trees.change.choice${state}`, { number, label })),
    fieldsOf(view, fields, (field) => t(field === "next" ? "trees.leads" : `trees.${field}`), before === null || after === null ? "" : t("trees.leads.none")));
}

/** `none`: what is said where it leads nowhere. */
function fieldsOf(view, fields, words, none = "") {
  const one = ({ field, before, after }) => row(words(field), WHOLE.includes(field) ? shownSwap(...[before, after].map((value) => readable(view, field, value) || none)) : shownDiff(asText(before), asText(after), { lang: field.split(".")[1] ?? null }));
  return fields.length ? h("dl", {}, fields.map(one)) : null;
}

const readable = (view, field, value) => value && (field === "kind" ? t(`trees.kind.${value}`) : named(view, value));

const row = (words, difference) => h("div", {}, h("dt", {}, words), h("dd", {}, difference));
