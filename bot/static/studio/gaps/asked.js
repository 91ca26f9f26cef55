// Beside an article that fills a gap: the customers’ wordings and the advisors’ replies to write from, none of them in the text.

import { h } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";
import { t } from "/static/desk/i18n.js";

/** `studio`, `editor` (its `gap`): set before it is connected. */
export class GapAsked extends DeskElement {
  render() {
    this.classList.add("gap-asked");
    this.#say(t("page.loading"));
    this.#load();
  }

  async #load() {
    try {
      const { wordings, replies } = await this.studio.api.get(`/gaps/${encodeURIComponent(this.editor.gap)}`);
      const said = replies.map(({ text, locale }) => h("blockquote", { lang: locale }, text));
      this.replaceChildren(
        h("h2", {}, t("gaps.replies")), ...(said.length ? said : [h("p", { class: "page-note" }, t("gaps.replies.none"))]),
        h("h2", {}, t("gaps.wordings")), h("ul", {}, wordings.map(({ text, locale }) => h("li", { lang: locale }, text))));
    } catch (error) {
      this.#say(error.message);
    }
  }

  #say(words) {
    this.replaceChildren(h("p", { class: "page-note", role: "status" }, words));
  }
}

customElements.define("gap-asked", GapAsked);
