// Related articles: those chosen, those suggested, and a search for any other.

import { h, icon } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";
import { t } from "/static/desk/i18n.js";
import { unbroken } from "./draft.js";

const MOST = 6;

/** `draft`, `studio`; `value`: ids; a `change` event when they change. */
export class RelatedField extends DeskElement {
  #titles = new Map();
  #found = [];
  #timer = 0;

  constructor() {
    super();
    this.control = h("input", { class: "input", type: "search", autocomplete: "off", placeholder: t("editor.related.search") });
  }

  get value() {
    return this.draft.form.related ?? [];
  }

  render() {
    this.control.id = `${this.id}-search`;
    this.chosen = h("ul", { class: "related-chosen" });
    this.offered = h("div", { class: "related-offered" });
    this.replaceChildren(this.chosen, this.control, this.offered);
    this.listen(this.control, "input", () => this.#soon());
    this.listen(this.control, "keydown", (event) => this.#onKey(event));
    this.listen(this.draft, "problems form", () => this.#draw());
    this.#draw();
    this.#name();
  }

  /** Ids are nothing to read: the titles are asked for once. */
  async #name() {
    const unknown = this.value.filter((id) => !this.#titles.has(id));
    for (const id of unknown) {
      try {
        const { locales } = await this.studio.api.get(`/articles/${encodeURIComponent(id)}`);
        const side = locales[this.draft.locale] ?? Object.values(locales)[0];
        this.#titles.set(id, (side?.published ?? side?.draft?.form)?.title ?? id);
      } catch {
        this.#titles.set(id, id);
      }
    }
    if (unknown.length && this.isConnected) this.#draw();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(), 250);
  }

  async #search() {
    const typed = this.control.value.trim();
    this.#found = [];
    if (typed) {
      const { articles } = await this.studio.api.get(`/articles?limit=${MOST}&locale=${this.draft.locale}&q=${encodeURIComponent(typed)}`).catch(() => ({ articles: [] }));
      if (typed !== this.control.value.trim()) return;
      this.#found = articles;
    }
    this.#draw();
  }

  #onKey(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    this.offered.querySelector("button")?.click();
  }

  #draw() {
    const { value, draft } = this;
    const suggested = this.control.value.trim() ? this.#found : (draft.checked?.related ?? []);
    const open = suggested.filter(({ article_id }) => article_id !== draft.article_id && !value.includes(article_id)).slice(0, MOST);
    for (const { article_id, title } of suggested) this.#titles.set(article_id, title);
    this.chosen.replaceChildren(...value.map((id) => this.#chip(id)));
    this.chosen.hidden = !value.length;
    this.offered.replaceChildren(...(open.length ? [h("span", { class: "field-hint" }, t(this.control.value.trim() ? "editor.related.found" : "editor.related.suggested")), ...open.map((each) => this.#offer(each))] : []));
  }

  #chip(id) {
    const title = unbroken(this.#titles.get(id) ?? id);
    const remove = () => this.#set(this.value.filter((each) => each !== id));
    return h("li", { class: "related-chip" }, h("a", { href: `/studio/articles/${encodeURIComponent(id)}?locale=${this.draft.locale}`, target: "_blank" }, title),
      h("button", { class: "related-remove", type: "button", "aria-label": t("editor.related.remove", { title }), on: { click: remove } }, icon("close")));
  }

  #offer({ article_id, title }) {
    const add = () => {
      this.control.value = "";
      this.#found = [];
      this.#set([...this.value, article_id]);
    };
    return h("button", { class: "button button--small", type: "button", on: { click: add } }, icon("plus"), h("span", { class: "related-title" }, unbroken(title)));
  }

  #set(ids) {
    this.draft.set("related", ids);
    this.#draw();
    this.control.focus();
  }
}

customElements.define("related-field", RelatedField);
