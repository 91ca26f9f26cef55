// Who published what and when; an earlier version taken up again in a draft.

import { confirmed } from "/static/desk/dialog.js";
import { h } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";
import { dateTime } from "/static/desk/format.js";
import { t } from "/static/desk/i18n.js";
import { nameOf } from "../articles/draft.js";

/** `draft`, `studio`, `editor`: set before it is connected. */
export class TreeHistory extends DeskElement {
  get #base() {
    return `/trees/${encodeURIComponent(this.draft.id)}`;
  }

  async render() {
    this.replaceChildren(h("p", { class: "page-note", role: "status" }, t("page.loading")));
    try {
      const { history } = await this.studio.api.get(`${this.#base}/history`);
      this.replaceChildren(history.length ? h("ol", { class: "history-list" }, history.map((one, place) => this.#row(one, place))) : h("p", { class: "page-note", role: "status" }, t("trees.history.none")));
    } catch (error) {
      this.replaceChildren(h("p", { class: "page-note", role: "status" }, error.status === 404 ? t("trees.history.none") : error.message));
    }
  }

  #row({ commit, at, author, message, action }, place) {
    const when = dateTime(at);
    // What is published as it stands needs no taking up again.
    const stands = place === 0 && !this.draft.draft;
    const restore = action !== "archived" && !stands && h("button", { class: "button button--small", type: "button", on: { click: () => this.#restore(commit, when) } }, t("articles.history.restore"), h("span", { class: "visually-hidden" }, ` (${when})`));
    return h("li", { class: "tree-past" }, h("span", { class: "history-who" }, nameOf(author) || "Relais"), h("time", { class: "history-when", datetime: at }, when),
      h("span", { class: "history-what" }, action ? t(`articles.did.${action}`) : message), restore);
  }

  async #restore(commit, when) {
    const { draft, editor } = this;
    if (draft.draft && !(await confirmed(t("articles.history.restore"), t("trees.history.sure"), t("articles.history.restore")))) return;
    await editor.act(() => this.studio.api.post(`${this.#base}/restore`, { commit, revision: draft.revision }), "articles.restored", { when });
    // The button that was pressed was drawn anew.
    if (document.activeElement === document.body) editor.panel.focus();
  }
}

customElements.define("tree-history", TreeHistory);
