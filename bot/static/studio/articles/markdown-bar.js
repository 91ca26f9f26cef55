// A small toolbar for Markdown: what it writes is ordinary text, and the browser's own undo takes it back.

import { h } from "/static/desk/dom.js";
import { t } from "/static/desk/i18n.js";

const KEYS = { b: "bold", i: "italic", k: "link" };
const GLYPHS = { bold: "B", italic: "I", heading: "H", list: "•", steps: "1.", link: "↗", quote: "”", table: "▦", picture: "▣" };
const PICTURES = "image/jpeg,image/png,image/webp";

/** The bar for `area`; arrow keys move within it, as in any toolbar. `upload(file)` → `{url, name}` of a picture, or null. */
export function markdownBar(area, upload) {
  const press = (name) => {
    const key = Object.keys(KEYS).find((each) => KEYS[each] === name);
    const words = t(`editor.md.${name}`) + (key ? ` (Ctrl+${key.toUpperCase()})` : "");
    return h("button", { class: `md-button md-button--${name}`, type: "button", title: words, "aria-label": words, tabindex: name === "bold" ? "0" : "-1", on: { click: () => (name === "picture" ? picker.click() : apply(area, name)) } }, GLYPHS[name]);
  };
  const picker = h("input", { type: "file", accept: PICTURES, hidden: true, tabindex: "-1", "aria-hidden": "true", on: { change: () => put([...picker.files]).finally(() => (picker.value = "")) } });
  const put = async (files) => {
    for (const file of files) picture(area, await upload(file));
  };
  const taken = (event, list) => {
    const files = [...(list?.files ?? [])].filter(({ type }) => PICTURES.includes(type));
    if (!files.length) return;
    event.preventDefault();
    put(files);
  };
  area.addEventListener("paste", (event) => taken(event, event.clipboardData));
  area.addEventListener("drop", (event) => taken(event, event.dataTransfer));
  const bar = h("div", { class: "md-bar", role: "toolbar", "aria-label": t("editor.md"), "aria-controls": area.id }, Object.keys(GLYPHS).map(press), picker);
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
  const all = [...bar.querySelectorAll("button")];
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

/** Where one was writing; the words for who cannot see it are chosen, to be written next. */
function picture(area, kept) {
  if (!kept) return;
  const { selectionStart: from, selectionEnd: to, value } = area;
  const words = value.slice(from, to) || kept.name.replace(/\.\w+$/u, "").replace(/[-_]+/gu, " ");
  type(area, from, to, `![${words}](${kept.url})`, [2, 2 + words.length]);
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
