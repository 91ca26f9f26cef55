// “@” in a note: a list of colleagues beneath the caret, by keyboard or mouse (a list box that the caret stays out of).

import { h } from "./dom.js";
import { t } from "./i18n.js";

const MOST = 6;
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

export class MentionList {
  #store;
  #input;
  #changed;
  #found = [];
  #at = 0;
  #chosen = new Map();

  constructor(store, input, changed) {
    this.#store = store;
    this.#input = input;
    this.#changed = changed;
    this.node = h("ul", { class: "mention-list", id: "mention-list", role: "listbox", "aria-label": t("mention.list"), hidden: true });
  }

  /** The ids of those chosen from the list whose names still stand in `text`; a name typed by hand is found by the server. */
  idsIn(text) {
    const ids = [...this.#chosen].filter(([, name]) => text.includes(`@${name}`)).map(([id]) => id);
    this.#chosen.clear();
    return ids;
  }

  /** After each change: is a name being written? */
  async update() {
    const begun = this.#begun();
    if (begun === null) return this.close();
    const people = await this.#people();
    // While the names were fetched, something else may have been typed.
    if (this.#begun() !== begun) return undefined;
    const wanted = plain(begun);
    this.#found = people.filter((one) => one.id !== this.#store.me.id && plain(one.name).split(/\s+/).concat(plain(one.name)).some((part) => part.startsWith(wanted))).slice(0, MOST);
    this.#at = 0;
    return this.#show();
  }

  close() {
    this.#found = [];
    this.#show();
  }

  /** True when the key was for the list. */
  onKey(event) {
    if (!this.#found.length || event.isComposing) return false;
    const count = this.#found.length;
    const step = { ArrowDown: 1, ArrowUp: count - 1 }[event.key];
    if (step) this.#at = (this.#at + step) % count;
    else if (event.key === "Enter" || event.key === "Tab") this.#choose(this.#found[this.#at]);
    else if (event.key === "Escape") this.#found = [];
    else return false;
    event.preventDefault();
    event.stopPropagation();
    this.#show();
    return true;
  }

  #begun() {
    const before = this.#input.value.slice(0, this.#input.selectionStart);
    return before.match(/(?:^|[\s(])@([\p{L}\p{M}'’.-]*(?: [\p{L}\p{M}'’.-]+)?)$/u)?.[1] ?? null;
  }

  async #people() {
    try {
      this.people ??= (await this.#store.api.get("/colleagues")).colleagues;
    } catch {
      return []; // a name typed in full rings as well
    }
    return this.people;
  }

  #choose(person) {
    const { selectionStart: end, value } = this.#input;
    const start = value.lastIndexOf("@", end - 1);
    this.#chosen.set(person.id, person.name);
    this.#input.setRangeText(`@${person.name} `, start, end, "end");
    this.#found = [];
    this.#changed();
    this.close();
  }

  #show() {
    const open = this.#found.length > 0;
    this.node.hidden = !open;
    this.node.replaceChildren(...this.#found.map((person, index) => this.#option(person, index)));
    // A box of several lines keeps its own role: a combobox has one line.
    const says = { "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": this.node.id, "aria-activedescendant": `mention-${this.#at}` };
    for (const [name, value] of Object.entries(says)) {
      if (open) this.#input.setAttribute(name, value);
      else this.#input.removeAttribute(name);
    }
  }

  #option(person, index) {
    const choose = (event) => {
      event.preventDefault(); // the box keeps the focus
      this.#choose(person);
    };
    return h("li", { class: "mention-option", id: `mention-${index}`, role: "option", "aria-selected": String(index === this.#at), on: { pointerdown: choose } },
      h("span", { class: "mention-name" }, person.name), h("span", { class: "mention-state" }, presenceOf(person)));
  }
}

/** “Disponible”, “Occupé”, “Absent” or “Hors ligne”. */
export const presenceOf = (person) => t(`colleague.${person.online ? person.presence : "offline"}`);
