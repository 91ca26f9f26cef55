// What the supervisors' pages share: reading, drawing again only what changed, doing something and saying how it went.

import { h, reconcile } from "../dom.js";
import { t } from "../i18n.js";

const SOON_MS = 200;

/**
 * A page that shows what one call answers. `read()` → data; `blocks(data)` → blocks for `reconcile`; `tools(data)`: nodes
 * beside the heading; `types`: live frames after which it is read again; `everyMs`: it is read again anyway.
 * Returns `{root, board}`; `board.run(work, said)` does something, says so, and reads or shows its answer.
 */
export function board({ name, lead, read, blocks, tools = () => [], live = null, types = [], everyMs = 0, say }) {
  const root = h("div", { class: "page-inside" });
  const state = { data: null, error: "" };
  const draw = () => {
    const { data, error } = state;
    reconcile(root, [
      { key: "head", signature: String(Boolean(data)), make: () => h("div", { class: "page-head" }, h("h1", {}, t(`page.${name}`)), h("div", { class: "page-tools" }, data && tools(data))) },
      ...(lead ? [{ key: "lead", signature: "", make: () => h("p", { class: "page-lead" }, t(lead)) }] : []),
      ...(error ? [{ key: "error", signature: error, make: () => h("p", { class: "page-error", role: "alert" }, error) }] : []),
      ...(data || error ? [] : [{ key: "wait", signature: "", make: () => h("p", { class: "page-note" }, t("page.loading")) }]),
      ...(data ? blocks(data) : []),
    ]);
  };
  let asked = 0;
  const load = async () => {
    const mine = ++asked;
    try {
      const data = await read();
      if (mine === asked) Object.assign(state, { data, error: "" });
    } catch (error) {
      if (mine === asked) state.error = error.message || t("page.failed");
    }
    draw();
  };
  const show = (data) => {
    asked += 1;
    Object.assign(state, { data, error: "" });
    draw();
  };
  const run = async (work, said = "") => {
    try {
      const answer = await work();
      if (said) say(said);
      return answer;
    } catch (error) {
      say("toast.failed", { reason: error.message }, { bad: true });
      await load();
      return null;
    }
  };
  draw();
  load();
  follow(root, live, types, everyMs, load);
  return { root, board: { load, show, run, draw, state } };
}

function follow(root, live, types, everyMs, load) {
  const life = new AbortController();
  let soon = 0;
  const look = () => {
    if (!root.isConnected) return life.abort();
    // Many frames at once are one look.
    clearTimeout(soon);
    soon = setTimeout(load, SOON_MS);
  };
  live?.addEventListener("frame", (event) => types.includes(event.detail.type) && look(), { signal: life.signal });
  if (!everyMs) return;
  const timer = setInterval(() => document.hidden || look(), everyMs);
  life.signal.addEventListener("abort", () => clearInterval(timer));
}

/** A table; on a phone each row is a card, its cells named. `columns`: headings; `rows`: lists of cells (nodes, strings or `{class, content}`). */
export function table(caption, columns, rows) {
  const cell = (given, place) => {
    const { content, class: look } = given?.content === undefined ? { content: given } : given;
    return h("td", { class: look, data: { label: columns[place] } }, content);
  };
  return h("div", { class: "table-box table-box--cards" },
    h("table", { class: "table" },
      h("caption", { class: "visually-hidden" }, caption),
      h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map(cell))))));
}

/** A button of a row; `named` is what it is about, for whoever cannot see the row. */
export function action(words, named, run, { danger = false } = {}) {
  return h("button", { class: `button button--small${danger ? " button--danger" : ""}`, type: "button", "aria-label": named ? t("kit.named", { action: words, name: named }) : null, on: { click: run } }, words);
}

/** A group of check boxes; those of `chosen` are set. `options`: `[[value, words]]`. */
export function checks(legend, name, options, chosen) {
  const one = ([value, words]) => h("label", { class: "check" }, h("input", { type: "checkbox", name, value, checked: chosen.includes(value) }), h("span", {}, words));
  return h("fieldset", { class: "checks" }, h("legend", {}, legend), options.map(one));
}

/** A select box. `options`: `[[value, words]]`. */
export function choice(name, options, chosen, more = {}) {
  return h("select", { class: "input", name, ...more }, options.map(([value, words]) => h("option", { value, selected: value === chosen }, words)));
}
