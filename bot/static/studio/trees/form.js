// The form of a tree, as the page changes it. Nodes have names that writers never see: they read numbers and texts.

import { locale, t } from "/static/desk/i18n.js";
import { unbroken } from "../articles/draft.js";

export const LANGUAGES = ["fr", "en"];
export const ENDS = ["fix", "repair", "human"];
export const MOST_CHOICES = 6;
const LONGEST_TITLE = 70;

const said = () => ({ fr: "", en: "" });
const heard = () => ({ fr: [], en: [] });

export const emptyChoice = () => ({ label: said(), next: "", words: heard() });
/** `kind`: question, fix, repair or human. */
function emptyNode(kind) {
  const none = { question: null, choices: [], end: null, say: null, otherwise: null, diagnosis: null };
  return kind === "question" ? { ...none, question: said(), choices: [emptyChoice(), emptyChoice()] } : { ...none, end: kind, say: said() };
}
export const emptyTree = (id) => ({ id, title: said(), words: heard(), start: "node-1", nodes: { "node-1": emptyNode("question") } });

export const kindOf = (node) => (node.end ? node.end : "question");
/** In the reader's language; else what there is. */
export const inMine = (text) => text?.[locale()] || text?.fr || text?.en || "";
export const textOf = (node) => inMine(node?.end ? node.say : node?.question);

/** Another kind: what was said stays said. */
export function turned(node, kind) {
  const fresh = emptyNode(kind);
  const text = node.question ?? node.say ?? said();
  if (kind === "question") return { ...fresh, question: text, choices: node.choices.length ? node.choices : fresh.choices };
  return { ...fresh, say: text, diagnosis: node.diagnosis, otherwise: kind === "fix" ? node.otherwise : null };
}

/** A new node in `form`; its name, which is none of `gone` and none that is led to still: who led there meant another. */
export function added(form, kind, gone) {
  const meant = Object.values(form.nodes).flatMap((node) => waysFrom(node).map(([target]) => target));
  const taken = new Set([...Object.keys(form.nodes), form.start, ...meant, ...gone]);
  let number = Object.keys(form.nodes).length;
  do number += 1; while (taken.has(`node-${number}`));
  form.nodes[`node-${number}`] = emptyNode(kind);
  return `node-${number}`;
}

/** Where a node leads: `[target, words of the way there]`. */
function waysFrom(node, otherwise) {
  return [...node.choices.map((choice) => [choice.next, inMine(choice.label)]), ...(node.otherwise ? [[node.otherwise, otherwise]] : [])];
}

/**
 * The nodes in walking order: `[{name, depth, way, link, number}]`. Each stands beneath the question that leads to it soonest;
 * every other way to it is a `link`. `otherwise`: what is said of the way on after a fix. Unreached nodes come last, `depth` null.
 */
export function outlineOf(form, otherwise) {
  const home = homesOf(form, otherwise);
  const rows = [];
  const place = (name, depth, way) => {
    rows.push({ name, depth, way, link: false });
    waysFrom(form.nodes[name], otherwise).forEach(([target, words], at) => {
      if (!(target in form.nodes)) return;
      const [from, index] = home.get(target) ?? [];
      if (from === name && index === at) place(target, depth + 1, words);
      else rows.push({ name: target, depth: depth + 1, way: words, link: true });
    });
  };
  if (form.start in form.nodes) place(form.start, 0, "");
  const met = new Set(rows.map(({ name }) => name));
  for (const name of Object.keys(form.nodes)) if (!met.has(name)) rows.push({ name, depth: null, way: "", link: false });
  let number = 0;
  for (const row of rows) if (!row.link) row.number = ++number;
  return rows;
}

/** By name, `[from, which way]` of the first to lead there, breadth first. */
function homesOf(form) {
  const home = new Map([[form.start, []]]);
  const waiting = form.start in form.nodes ? [form.start] : [];
  while (waiting.length) {
    const from = waiting.shift();
    waysFrom(form.nodes[from]).forEach(([target], index) => {
      if (home.has(target) || !(target in form.nodes)) return;
      home.set(target, [from, index]);
      waiting.push(target);
    });
  }
  return home;
}

/** The numbers of the nodes, by name. */
export const numbersOf = (rows) => new Map(rows.filter(({ link }) => !link).map(({ name, number }) => [name, number]));

/** `3. Which bulb is it?`; without a number where it has none. */
export function titleOf(node, number) {
  const text = unbroken(textOf(node).trim());
  const short = text.length > LONGEST_TITLE ? `${text.slice(0, LONGEST_TITLE).trimEnd()}…` : text;
  return `${number ? `${number}. ` : ""}${short || t(`trees.kind.${kindOf(node)}`)}`;
}

/** The nodes in which two forms differ; `""` for the title and words. */
export function differing(one, other) {
  const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  const names = [...new Set([...Object.keys(one.nodes), ...Object.keys(other.nodes)])].filter((name) => !same(one.nodes[name], other.nodes[name]));
  return [...(same([one.title, one.words, one.start], [other.title, other.words, other.start]) ? [] : [""]), ...names];
}
