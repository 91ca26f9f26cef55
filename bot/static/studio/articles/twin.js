// The article's other language, to be written side by side: what is missing or older than this one is said.

import { h, icon } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";
import { label, t } from "/static/desk/i18n.js";
import { ArticleForm } from "./form.js";

/** `draft`: the language that is open; `editor` knows the other one. */
export class ArticleTwin extends DeskElement {
  render() {
    const { editor } = this;
    this.twin = editor.twinOf(this.draft.locale);
    const language = label("inlanguage", this.twin.locale);
    this.note = h("div", { class: "twin-note", role: "status" });
    const form = Object.assign(new ArticleForm(), { draft: this.twin, topics: editor.topics, studio: this.studio });
    const open = h("button", { class: "button button--small", type: "button", on: { click: () => editor.open(this.twin.locale) } }, t("articles.twin.open", { language }));
    this.state = h("span", { class: "twin-state" });
    this.replaceChildren(h("div", { class: "twin-head" }, h("h2", {}, label("language", this.twin.locale)), this.state, open), this.note, form);
    this.listen(this.twin, "form status", () => this.#tell());
    this.listen(this.draft, "form", () => this.#tell());
    this.#tell();
  }

  #tell() {
    const { twin, draft } = this;
    const missing = ["title", "questions", "answer", "body"].filter((name) => draft.form[name]?.length && !twin.form[name]?.length);
    const stale = this.editor.isStale(twin.locale);
    const words = !twin.exists && twin.isEmpty ? t("articles.twin.missing") : missing.length ? t("articles.twin.fields", { fields: missing.map((name) => t(`editor.${name}`)).join(", ") }) : stale ? t("articles.twin.stale") : "";
    if (this.note.dataset.words !== words) {
      this.note.dataset.words = words;
      this.note.replaceChildren(...(words ? [icon("alert"), h("span", {}, words)] : []));
    }
    this.state.textContent = this.editor.savedWords(twin);
    for (const field of this.querySelectorAll(".form-field")) {
      const name = ["title", "questions", "answer", "body"].find((each) => field.classList.contains(`form-field--${each}`));
      field.classList.toggle("form-field--missing", Boolean(name) && missing.includes(name));
    }
  }
}

customElements.define("article-twin", ArticleTwin);
