// Which published articles this draft would take questions from.

import { h } from "/static/desk/dom.js";
import { label, plural, t } from "/static/desk/i18n.js";
import { TryPart } from "./part.js";

export class TryCollisions extends TryPart {
  render() {
    this.button = h("button", { class: "button", type: "button", on: { click: () => this.#look() } }, t("try.collisions.do"));
    this.frame("collisions", this.button);
    this.listen(this.draft, "form", () => this.#draw());
    this.#draw();
  }

  async #look() {
    const form = this.form;
    this.button.disabled = true;
    this.told.replaceChildren(h("p", { class: "page-note" }, t("try.collisions.looking")));
    try {
      this.kept.collided = { form, found: await this.studio.api.post("/collisions", { form }) };
      this.#draw();
    } catch (error) {
      this.failed(error);
    }
    this.button.disabled = false;
  }

  #draw() {
    if (!this.kept.collided) return;
    const { form, found } = this.kept.collided;
    const note = this.stale(form, () => this.#look());
    const none = h("p", { class: "page-note" }, plural("try.collisions.none", found.asked));
    const list = found.collisions.length ? h("ul", { class: "try-changes" }, found.collisions.map(collision)) : none;
    this.told.replaceChildren(...[note, list].filter(Boolean));
  }
}

function collision({ article_id, locale, title, stolen, of }) {
  const text = (one) => h("li", {}, t("try.matched", { field: label("try.field", one.field), text: one.text }), one.exact && h("span", { class: "badge badge--bad" }, t("try.collisions.exact")));
  return h("li", {}, h("p", { class: "try-title" }, h("a", { href: `/studio/articles/${encodeURIComponent(article_id)}?locale=${locale}`, lang: locale }, title)),
    h("p", { class: "try-small" }, plural("try.collisions.stolen", stolen.length, { of })),
    h("ul", { class: "try-texts", lang: locale }, stolen.map(text)));
}

customElements.define("try-collisions", TryCollisions);
