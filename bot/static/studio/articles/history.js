// Who published what and when; the difference to what stands now, and an earlier version taken up again.

import { confirmed } from "/static/desk/dialog.js";
import { h } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";
import { dateTime } from "/static/desk/format.js";
import { t } from "/static/desk/i18n.js";
import { asRead, shownDiff } from "./diff.js";
import { FIELDS, nameOf, sameField } from "./draft.js";

/** `draft`, `studio`, `editor`: set before it is connected. */
export class ArticleHistory extends DeskElement {
  render() {
    this.list = h("ol", { class: "history-list" });
    this.shown = h("div", { class: "history-shown", "aria-live": "polite" });
    this.append(h("p", { class: "page-note", role: "status" }, t("page.loading")));
    this.#load();
  }

  get #base() {
    return `/articles/${encodeURIComponent(this.draft.article_id)}/${this.draft.locale}/history`;
  }

  async #load() {
    try {
      const { history } = await this.studio.api.get(this.#base);
      if (!history.length) return this.#say(t("articles.history.none"));
      this.history = history;
      this.list.replaceChildren(...history.map((one, place) => this.#row(one, place)));
      this.replaceChildren(this.list, this.shown);
      await this.#show(0);
    } catch (error) {
      this.#say(error.status === 404 ? t("articles.history.none") : error.message);
    }
  }

  #say(words) {
    this.replaceChildren(h("p", { class: "page-note", role: "status" }, words));
  }

  #row({ at, author, message, action }, place) {
    return h("li", {}, h("button", { class: "history-row", type: "button", on: { click: () => this.#show(place) } },
      h("span", { class: "history-who" }, nameOf(author) || "Relais"), h("time", { class: "history-when", datetime: at }, dateTime(at)),
      h("span", { class: "history-what" }, action ? t(`articles.did.${action}`) : message)));
  }

  async #version(place) {
    const one = this.history[place];
    one.form ??= (await this.studio.api.get(`${this.#base}/${one.commit}`)).form;
    return one.form;
  }

  async #show(place) {
    [...this.list.children].forEach((row, each) => row.firstChild.setAttribute("aria-pressed", String(each === place)));
    const form = await this.#version(place);
    const before = place + 1 < this.history.length ? await this.#version(place + 1) : null;
    const changed = FIELDS.filter((name) => !sameField(name, before, form));
    const { commit, at } = this.history[place];
    // What is published as it stands needs no taking up again.
    const stands = place === 0 && !this.draft.draft && this.history[0].action !== "archived";
    const restore = !stands && h("button", { class: "button button--small", type: "button", on: { click: () => this.#restore(commit, at) } }, t("articles.history.restore"));
    const one = (name) => h("section", { class: "merge-field" }, h("h3", {}, t(`editor.${name}`)), shownDiff(asRead(name, before?.[name]), asRead(name, form[name]), { lang: this.draft.locale }));
    this.shown.replaceChildren(
      h("div", { class: "history-head" }, h("h2", {}, t(before ? "articles.history.changed" : "articles.history.first")), restore),
      ...(changed.length ? changed.map(one) : [h("p", { class: "page-note" }, t("articles.history.same"))]));
  }

  async #restore(commit, at) {
    if (this.draft.draft && !(await confirmed(t("articles.history.restore"), t("articles.history.restore.sure"), t("articles.history.restore")))) return;
    await this.editor.act(() => this.studio.api.post(`/articles/${encodeURIComponent(this.draft.article_id)}/${this.draft.locale}/restore`, { commit, revision: this.draft.revision }), "articles.restored", { when: dateTime(at) });
  }
}

customElements.define("article-history", ArticleHistory);
