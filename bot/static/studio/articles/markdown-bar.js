// A small toolbar for Markdown: what it writes is ordinary text, and the browser's own undo takes it back.

import { h } from "/static/desk/dom.js";
import { t } from "/static/desk/i18n.js";

const KEYS = { b: "bold", i: "italic", k: "link" };
const GLYPHS = { bold: "B", italic: "I", heading: "H", list: "•", steps: "1.", link: "↗", quote: "”", table: "▦" };

/** The bar for `area`; arrow keys move within it, as in any toolbar. */
export function markdownBar(area) {
  const press = (name) => {
    const key = Object.keys(KEYS).find((each) => KEYS[each] === name);
    const words = t(`editor.md.${name}`) + (key ? ` (Ctrl+${key.toUpperCase()})` : "");
    return h("button", { class: `md-button md-button--${name}`, type: "button", title: words, "aria-label": words, tabindex: name === "bold" ? "0" : "-1", on: { click: () => apply(area, name) } }, GLYPHS[name]);
  };
  const bar = h("div", { class: "md-bar", role: "toolbar", "aria-label": t("editor.md"), "aria-controls": area.id }, Object.keys(GLYPHS).map(press));
  bar.addEventListener("keydown", (event) => along(bar, event));
  area.addEventListener("keydown", (event) => {
    const name = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && KEYS[event.key.toLowerCase()];
    if (name) {
      event.preventDefault();
      apply(area, name);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && goOn(area)) event.preventDefault();
  });
  return bar;
}

function along(bar, event) {
  const all = [...bar.children];
  const at = all.indexOf(document.activeElement);
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const to = all[(next + all.length) % all.length];
  all.forEach((each) => (each.tabIndex = each === to ? 0 : -1));
  to.focus();
}

/** Typed in as a person would, so that undo knows it. */
function type(area, from, to, text, select = null) {
  area.focus();
  area.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (select) area.setSelectionRange(from + select[0], from + select[1]);
}

function apply(area, name) {
  if (name === "bold") around(area, "**", t("editor.md.sample"));
  else if (name === "italic") around(area, "*", t("editor.md.sample"));
  else if (name === "link") link(area);
  else if (name === "table") table(area);
  else lines(area, { heading: "## ", list: "- ", steps: "1. ", quote: "> " }[name]);
}

function around(area, mark, sample) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const chosen = value.slice(from, to);
  const isMarked = value.slice(from - mark.length, from) === mark && value.slice(to, to + mark.length) === mark;
  if (isMarked) type(area, from - mark.length, to + mark.length, chosen, [0, chosen.length]);
  else type(area, from, to, mark + (chosen || sample) + mark, [mark.length, mark.length + (chosen || sample).length]);
}

function link(area) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const words = value.slice(from, to) || t("editor.md.sample");
  const address = "https://";
  type(area, from, to, `[${words}](${address})`, [words.length + 3, words.length + 3 + address.length]);
}

function table(area) {
  const { selectionEnd: at, value } = area;
  const gap = at && !value.slice(0, at).endsWith("\n\n") ? (value[at - 1] === "\n" ? "\n" : "\n\n") : "";
  const head = t("editor.md.column");
  type(area, at, at, `${gap}| ${head} | ${head} |\n| --- | --- |\n|  |  |\n`, [gap.length + 2, gap.length + 2 + head.length]);
}

/** The same mark before each chosen line, or away from it; steps are numbered. */
function lines(area, mark) {
  const { selectionStart, selectionEnd, value } = area;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const end = value.indexOf("\n", selectionEnd);
  const to = end < 0 ? value.length : end;
  const chosen = value.slice(from, to).split("\n");
  const has = (line) => (mark === "1. " ? /^\d+\. /u.test(line) : line.startsWith(mark));
  const bare = (line) => line.replace(/^(?:#{1,6} |[-*] |\d+\. |> )/u, "");
  const all = chosen.every(has);
  const done = chosen.map((line, place) => (all ? bare(line) : (mark === "1. " ? `${place + 1}. ` : mark) + bare(line))).join("\n");
  type(area, from, to, done, [0, done.length]);
  if (chosen.length === 1) area.setSelectionRange(from + done.length, from + done.length);
}

/** Enter within a list begins the next entry; on an empty one it ends the list. */
function goOn(area) {
  const { selectionStart: at, selectionEnd, value } = area;
  if (at !== selectionEnd) return false;
  const from = value.lastIndexOf("\n", at - 1) + 1;
  const found = value.slice(from, at).match(/^(\s*)(?:([-*])|(\d+)\.) (.*)$/u);
  if (!found) return false;
  const [whole, space, dot, number, words] = found;
  if (words) type(area, at, at, `\n${space}${dot ?? `${Number(number) + 1}.`} `);
  else type(area, at - whole.length, at, "");
  return true;
}
