// What differs between two texts, word by word, and what three versions of one text come to.

import { h } from "/static/desk/dom.js";
import { date } from "/static/desk/format.js";
import { label, t } from "/static/desk/i18n.js";

// Beyond so many words on both sides together, lines are compared instead: the table of all pairs grows with their product.
const MOST_WORDS = 3_000;

/** `[{kind: "same"|"gone"|"new", text}]`, in reading order. */
export function diff(before, after) {
  const words = [split(before, /(\s+)/u), split(after, /(\s+)/u)];
  const [a, b] = words[0].length + words[1].length > MOST_WORDS ? [split(before, /(\n)/u), split(after, /(\n)/u)] : words;
  return runs(compare(a, b));
}

const split = (text, at) => (text ? text.split(at).filter(Boolean) : []);

/** Longest common sequence of two lists, what begins and ends alike set aside first. */
export function compare(a, b) {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (list) => list.map((text) => ({ kind: "same", text }));
  return [...same(a.slice(0, start)), ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...same(a.slice(a.length - end))];
}

function middle(a, b) {
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      table[i * width + j] = a[i] === b[j] ? table[(i + 1) * width + j + 1] + 1 : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
  const found = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      found.push({ kind: "same", text: a[i++] });
      j += 1;
    } else if (i < a.length && (j === b.length || table[(i + 1) * width + j] >= table[i * width + j + 1])) found.push({ kind: "gone", text: a[i++] });
    else found.push({ kind: "new", text: b[j++] });
  }
  return found;
}

/** Neighbours of one kind together, what is gone before what came in its place. A word or two that stayed between changes are part of the change. */
function runs(parts) {
  const found = [];
  for (const part of joined(parts)) {
    const last = found.at(-1);
    const before = found.at(-2);
    if (part.kind === "same" || !last || last.kind === "same") found.push({ ...part });
    else if (last.kind === part.kind) last.text += part.text;
    else if (before && before.kind === part.kind) before.text += part.text;
    else if (part.kind === "new") found.push({ ...part });
    else found.splice(-1, 0, { ...part });
  }
  return found;
}

function joined(parts) {
  const pieces = [];
  for (const { kind, text } of parts) {
    if (pieces.at(-1)?.kind === kind) pieces.at(-1).text += text;
    else pieces.push({ kind, text });
  }
  const isBetween = (place) => place > 0 && place < pieces.length - 1;
  const isShort = (text) => text.trim().split(/\s+/u).filter(Boolean).length < 3 && !text.includes("\n");
  return pieces.flatMap((piece, place) => (piece.kind === "same" && isBetween(place) && isShort(piece.text) ? [{ kind: "gone", text: piece.text }, { kind: "new", text: piece.text }] : [piece]));
}

/** The difference as it is read: what is gone struck through, what is new marked, each named for who cannot see it. */
export const shownDiff = (before, after, props = {}) => shown(diff(before, after), props);

/** What is one thing, and no text of words: the old one whole, then the new one. */
export const shownSwap = (before, after, props = {}) => shown([before && { kind: "gone", text: before }, before && after && { kind: "same", text: "\n" }, after && { kind: "new", text: after }].filter(Boolean), props);

function shown(parts, props) {
  const node = ({ kind, text }) => {
    if (kind === "same") return text;
    const name = h("span", { class: "visually-hidden" }, ` ${t(`articles.diff.${kind}`)} `);
    return h(kind === "gone" ? "del" : "ins", {}, name, text);
  };
  return h("div", { class: "diff", ...props }, parts.map(node));
}

/** A field of a form as one text: lists have a line each. */
export const asText = (value) => (Array.isArray(value) ? value.join("\n") : String(value ?? ""));

/** The same as people say it: a topic by its name, a day as a date. */
export function asRead(name, value) {
  if (name === "topic") return label("topic", value);
  return name === "review_by" ? date(value) : asText(value);
}

/** `{text, clash}`: both changes of `base`, by lines; `clash` when they touch the same lines. */
export function merged(base, mine, theirs) {
  if (mine === base || mine === theirs) return { text: theirs, clash: false };
  if (theirs === base) return { text: mine, clash: false };
  const lines = base.split("\n");
  const [ours, others] = [edits(lines, mine.split("\n")), edits(lines, theirs.split("\n"))];
  const touch = (one, other) => one.from < other.to + 1 && other.from < one.to + 1;
  if (ours.some((one) => others.some((other) => touch(one, other)))) return { text: mine, clash: true };
  const done = [...ours, ...others].sort((one, other) => other.from - one.from);
  for (const { from, to, put } of done) lines.splice(from, to - from, ...put);
  return { text: lines.join("\n"), clash: false };
}

/** `[{from, to, put}]`: lines of the base replaced. */
function edits(base, after) {
  const found = [];
  let at = 0;
  let open = null;
  for (const { kind, text } of compare(base, after)) {
    if (kind === "same") {
      if (open) found.push(open);
      open = null;
      at += 1;
      continue;
    }
    open ??= { from: at, to: at, put: [] };
    if (kind === "gone") open.to = at += 1;
    else open.put.push(text);
  }
  return open ? [...found, open] : found;
}
