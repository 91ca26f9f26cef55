// Canned replies: "/" at the start of a line, or the button, opens the list; the text comes in the customer's language.

import { h, icon } from "../dom.js";
import { extend } from "../extensions.js";
import { label, t } from "../i18n.js";

const FRESH_MS = 60_000;
const MOST = 30;
const TYPED = /(^|\n)\/([^\n]{0,60})$/;
// A word in braces; other braces, of code that somebody pastes, hold nothing up.
export const TOKEN = /\{\s*([\p{L}_][\p{L}\p{N}_ '’-]{0,38})\}/gu;

let read = { at: 0, promise: null, known: null };

/** `{replies, variables, values}`, read again after a minute. */
function replies(api) {
  if (!read.promise || Date.now() - read.at > FRESH_MS) {
    read = { ...read, at: Date.now(), promise: api.get("/replies").then((answer) => (read.known = answer)) };
    read.promise.catch(() => (read.promise = null));
  }
  return read.promise;
}

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Those that have every word typed; a shortcut that begins with them comes first. */
export function matching(list, typed) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const all = (reply) => plain([reply.shortcut, reply.title, label("topic", reply.topic), ...Object.values(reply.texts)].join(" "));
  const found = list.filter((reply) => words.every((word) => all(reply).includes(word)));
  const first = (reply) => (words.length && reply.shortcut.startsWith(words[0]) ? 0 : 1);
  return found.sort((one, other) => first(one) - first(other)).slice(0, MOST);
}

/** The text with its variables filled; one that is empty or unknown stays in braces. */
export function filled(text, variables, values) {
  return text.replace(TOKEN, (whole, name) => {
    const wanted = name.trim().toLowerCase();
    const key = Object.keys(variables).find((each) => variables[each].includes(wanted));
    return (key && values[key]) || whole;
  });
}

/** What the context says of this customer. */
export function valuesOf(context, me, constant) {
  const name = context?.who?.display_name ?? "";
  return { ...constant, advisor: me.name, name, first_name: name.split(/\s+/)[0], order: orderOf(context) };
}

/** The one order that is meant; of several, none is guessed. */
function orderOf(context) {
  const numbers = (context?.who?.orders ?? []).map((order) => order.number);
  const said = Object.values(context?.why?.slots ?? {}).filter((value) => typeof value === "string" && /^[A-Z]{1,3}-\d{5,}$/.test(value));
  if (said.length === 1) return said[0];
  return numbers.length === 1 ? numbers[0] : "";
}

class Picker {
  constructor(store, item, composer) {
    Object.assign(this, { store, item, composer, at: 0, found: [] });
    this.list = h("ul", { class: "words-list", id: "canned-list", role: "listbox", "aria-label": t("words.canned") });
    this.none = h("p", { class: "words-none", role: "status" });
    this.panel = h("div", { class: "words-picker words-wide", hidden: true }, this.list, this.none);
    this.button = h("button", { class: "button button--small button--quiet", type: "button", title: t("words.canned.hint"), on: { click: () => this.#byButton() } }, icon("insert"), t("words.canned"), h("kbd", { "aria-hidden": "true" }, "/"));
    const { input } = composer;
    input.setAttribute("aria-autocomplete", "list");
    input.addEventListener("input", () => this.#typed());
    input.addEventListener("click", () => this.#typed());
    input.addEventListener("blur", () => setTimeout(() => input !== document.activeElement && this.close(), 150));
    input.addEventListener("keydown", (event) => this.#onKey(event));
    this.node = h("div", { class: "words-tool" }, this.button, this.panel);
  }

  close() {
    this.panel.hidden = true;
    this.composer.input.removeAttribute("aria-activedescendant");
    this.composer.input.removeAttribute("aria-controls");
  }

  /** The "/…" before the caret, if one is being typed. */
  get #token() {
    const { input } = this.composer;
    return input.value.slice(0, input.selectionStart).match(TYPED);
  }

  #byButton() {
    this.composer.insert("/");
    this.#typed();
  }

  async #typed() {
    if (!this.#token) return this.close();
    try {
      const { replies: all } = await replies(this.store.api);
      const token = this.#token;
      if (token) this.#show(all, token[2]);
    } catch (error) {
      this.#say(error.message);
    }
    return null;
  }

  #say(words) {
    this.panel.hidden = false;
    this.found = [];
    this.list.replaceChildren();
    this.list.hidden = true;
    this.none.textContent = words;
  }

  #show(all, typed) {
    this.found = matching(all, typed);
    this.at = 0;
    if (!this.found.length) {
      this.#say(t(all.length ? "words.canned.none" : "words.canned.empty"));
      return;
    }
    this.none.textContent = "";
    this.list.hidden = false;
    this.list.replaceChildren(...this.found.map((reply, index) => this.#option(reply, index)));
    this.panel.hidden = false;
    this.composer.input.setAttribute("aria-controls", "canned-list");
    this.#mark();
  }

  #option(reply, index) {
    const { text, language, missing } = this.#textOf(reply);
    const pick = (event) => {
      event.preventDefault(); // the focus stays in the reply
      this.#choose(reply);
    };
    return h("li", { class: "words-option", id: `canned-${index}`, role: "option", "aria-selected": "false", on: { mousedown: pick } },
      h("span", { class: "words-option-head" }, h("code", {}, `/${reply.shortcut}`), h("span", { class: "words-option-title" }, reply.title), missing && h("span", { class: "badge badge--warn" }, t("words.canned.only", { language: label("inlanguage", language) }))),
      h("span", { class: "words-option-text", lang: language }, text));
  }

  #textOf(reply) {
    const wanted = this.item.locale?.slice(0, 2);
    const language = reply.texts[wanted] ? wanted : Object.keys(reply.texts)[0];
    return { text: reply.texts[language], language, missing: language !== wanted };
  }

  #mark() {
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === this.at)));
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
    this.composer.input.setAttribute("aria-activedescendant", `canned-${this.at}`);
  }

  #onKey(event) {
    if (this.panel.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.close();
    else if (!this.found.length) return;
    else if (step) {
      this.at = (this.at + step + this.found.length) % this.found.length;
      this.#mark();
    } else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) this.#choose(this.found[this.at]);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #choose(reply) {
    const { input } = this.composer;
    const token = this.#token;
    const end = input.selectionStart;
    const start = token ? end - token[2].length - 1 : end;
    const values = valuesOf(this.store.context(this.item.handoff_id), this.store.me, read.known.values);
    input.setRangeText(filled(this.#textOf(reply).text, read.known.variables, values), start, end, "end");
    this.close();
    input.focus();
    input.dispatchEvent(new Event("input"));
  }
}

extend("composer", { name: "canned", order: 10, make: (store, item, composer) => new Picker(store, item, composer).node });
