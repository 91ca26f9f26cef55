// Before a reply leaves: variables still to be filled hold it; another language than the customer's is told, once a draft.

import { h, icon } from "../dom.js";
import { extend } from "../extensions.js";
import { label, t } from "../i18n.js";
import { TOKEN } from "./words-canned.js";

const TYPED_MS = 700;
const PATIENCE_MS = 1_200;
const TELLING = 12;

const boxes = new WeakMap();

/** What stands above the reply box of one composer, and what it knows of the draft. */
class Guard {
  #timer = 0;
  #checked = { text: "", language: "", differs: false };
  #warned = false;

  constructor(store, item, composer) {
    Object.assign(this, { store, item, composer });
    this.fill = h("div", { class: "words-strip words-strip--fill", role: "status", hidden: true });
    this.language = h("div", { class: "words-strip words-strip--language", role: "alert", hidden: true });
    this.node = h("div", { class: "words-wide words-strips" }, this.fill, this.language);
    composer.input.addEventListener("draft", () => this.changed());
    queueMicrotask(() => this.changed());
  }

  changed() {
    const text = this.composer.value;
    this.#showTokens(text);
    clearTimeout(this.#timer);
    if (!text.trim()) {
      this.#warned = false;
      this.language.hidden = true;
    } else this.#timer = setTimeout(() => this.#check(), TYPED_MS);
  }

  /** Whether the reply stays in its box for now. */
  holds(text) {
    clearTimeout(this.#timer);
    if (this.#tokens(text).length) {
      this.fill.classList.add("words-strip--held");
      this.#select(this.#tokens(text)[0]);
      return true;
    }
    if (this.#warned || text.length < TELLING) return false;
    if (this.#checked.text !== text) {
      this.#check().then(() => this.composer.value.trim() === text && this.composer.send());
      return true;
    }
    if (this.#checked.differs) this.#warn();
    return this.#checked.differs;
  }

  #tokens(text) {
    return [...text.matchAll(TOKEN)].map((match) => match[0]);
  }

  #showTokens(text) {
    const tokens = [...new Set(this.#tokens(text))];
    this.fill.hidden = !tokens.length;
    if (!tokens.length) this.fill.classList.remove("words-strip--held");
    const key = tokens.join();
    if (this.fill.dataset.tokens === key) return;
    this.fill.dataset.tokens = key;
    const button = (token) => h("button", { class: "words-token", type: "button", on: { click: () => this.#select(token) } }, token);
    this.fill.replaceChildren(icon("pen"), h("span", {}, t("words.fill")), ...tokens.map(button));
  }

  #select(token) {
    const { input } = this.composer;
    const start = input.value.indexOf(token);
    if (start < 0) return;
    input.focus();
    input.setSelectionRange(start, start + token.length);
  }

  /** Asks which language the draft is in. A service that is away stops nobody. */
  async #check() {
    const text = this.composer.value.trim();
    const expected = this.item.locale?.slice(0, 2);
    if (text.length < TELLING) {
      this.language.hidden = true;
      return;
    }
    if (text !== this.#checked.text) await this.#ask(text, expected);
    if (this.composer.value.trim() !== text) return;
    if (this.#checked.differs) this.#warn(false);
    else this.language.hidden = true;
  }

  async #ask(text, expected) {
    const late = new Promise((resolve) => setTimeout(() => resolve({ differs: false }), PATIENCE_MS));
    const asked = this.store.api.post("/language", { text, expected }).catch(() => ({ differs: false }));
    this.#checked = { text, ...(await Promise.race([asked, late])) };
  }

  #warn(held = true) {
    const said = { theirs: label("inlanguage", this.item.locale?.slice(0, 2)), yours: label("inlanguage", this.#checked.language) };
    const anyway = h("button", { class: "button button--small", type: "button", on: { click: () => this.#anyway() } }, t("words.language.anyway"));
    this.language.replaceChildren(icon("alert"), h("span", {}, t("words.language", said)), anyway);
    this.language.hidden = false;
    if (held) this.#warned = true;
  }

  #anyway() {
    this.#warned = true;
    this.composer.send();
  }
}

function make(store, item, composer) {
  const guard = new Guard(store, item, composer);
  boxes.set(composer, guard);
  return guard.node;
}

extend("composer", { name: "guard", order: 99, make });
extend("guards", { name: "words", order: 10, holds: (store, item, text, composer) => boxes.get(composer)?.holds(text) ?? false });
