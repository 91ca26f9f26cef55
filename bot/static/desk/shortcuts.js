// Keys for everything one does often, their list under `?`, and a way to turn them off (WCAG 2.1.4).

import { h, icon } from "./dom.js";
import { DeskElement } from "./element.js";
import { extensions } from "./extensions.js";
import { remember, remembered } from "./memory.js";
import { t } from "./i18n.js";

const KEY = "relais.desk.shortcuts";
const LIST = [
  [["J", "↓"], "keys.next"],
  [["K", "↑"], "keys.previous"],
  [["A"], "keys.accept"],
  [["D"], "keys.decline"],
  [["R"], "keys.reply"],
  [["N"], "keys.note"],
  [["I"], "keys.card"],
  [["Esc"], "keys.escape"],
  [["?"], "keys.help"],
];
// While one writes.
const WRITING = [
  [["/"], "words.key.canned"],
  [["@"], "keys.mention"],
];

const enabled = () => remembered(KEY, true);

/** Keys that parts added: to the menu of a conversation, and of their own. */
const added = () => [...extensions("actions").filter((action) => action.key), ...extensions("keys")];

const row = (keys, text) => h("div", { class: "keys-row" }, h("dt", {}, keys.map((key) => h("kbd", {}, key))), h("dd", {}, text));

/** The list of shortcuts, a modal dialog. */
class DeskShortcuts extends DeskElement {
  render() {
    const close = h("button", { class: "icon-button", type: "button", "aria-label": t("keys.close"), on: { click: () => this.dialog.close() } }, icon("close"));
    const rows = LIST.map(([keys, text]) => row(keys, t(text)));
    const more = added().map((entry) => [entry.keys ?? [entry.key.toUpperCase()], entry.label(null)]).filter(([keys]) => keys.length).map(([keys, text]) => row(keys, text));
    const sending = [...WRITING, [[t("keys.enter")], "keys.send"], [[`${t("keys.shift")} + ${t("keys.enter")}`], "keys.newline"]].map(([keys, text]) => row(keys, t(text)));
    const box = h("input", { type: "checkbox", checked: enabled(), on: { change: () => remember(KEY, box.checked) } });
    this.dialog = h("dialog", { class: "keys", "aria-labelledby": "keys-title", on: { click: (event) => event.target === this.dialog && this.dialog.close() } },
      h("div", { class: "keys-inside" },
        h("div", { class: "keys-head" }, h("h2", { id: "keys-title" }, t("keys.title")), close),
        h("dl", {}, rows, more, sending),
        h("label", { class: "keys-switch" }, box, t("keys.enabled"))));
    this.replaceChildren(this.dialog);
  }

  show() {
    if (!this.dialog.open) this.dialog.showModal();
  }
}

/**
 * Run `actions` ({next, previous, accept, decline, reply, card, help, escape}) on their keys. Letters are left alone while one
 * types, inside a dialog, or with Ctrl, Alt or Meta held.
 */
export function bindShortcuts(actions, store, signal) {
  const byKey = { j: "next", k: "previous", a: "accept", d: "decline", r: "reply", i: "card", "?": "help" };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      actions.escape(event);
      return;
    }
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (typing || !enabled()) return;
    const name = event.key.toLowerCase();
    const run = byKey[name] ? actions[byKey[name]] : addedAction(name, store);
    if (!run) return;
    event.preventDefault();
    run();
  }, { signal });
}

function addedAction(name, store) {
  const menu = document.querySelector("desk-menu");
  const entry = added().find((each) => each.key === name);
  if (!entry || !("when" in entry)) return entry && (() => entry.run(store));
  const usable = menu && entry.when(store, menu.item, menu.mode);
  return usable && (() => entry.run(store, menu.item, menu));
}

customElements.define("desk-shortcuts", DeskShortcuts);
