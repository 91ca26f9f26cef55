// The history of an article: what each version changed.

import { h } from "/static/desk/dom.js";
import { t } from "/static/desk/i18n.js";
import { PastVersions } from "../past.js";
import { asRead, shownDiff } from "./diff.js";
import { FIELDS, sameField } from "./draft.js";

export class ArticleHistory extends PastVersions {
  words = { none: "articles.history.none", sure: "articles.history.restore.sure" };

  get base() {
    return `/articles/${encodeURIComponent(this.draft.article_id)}/${this.draft.locale}`;
  }

  async #version(place) {
    const one = this.history[place];
    one.form ??= (await this.studio.api.get(`${this.base}/history/${one.commit}`)).form;
    return one.form;
  }

  async compared(place) {
    const form = await this.#version(place);
    const before = place + 1 < this.history.length ? await this.#version(place + 1).catch(ofTheOneBefore) : null;
    const changed = FIELDS.filter((name) => !sameField(name, before, form));
    const one = (name) => h("section", { class: "merge-field" }, h("h3", {}, t(`editor.${name}`)), shownDiff(asRead(name, before?.[name]), asRead(name, form[name]), { lang: this.draft.locale }));
    return {
      title: t(before ? "articles.history.changed" : "articles.history.first"),
      told: changed.length ? changed.map((name) => t(`editor.${name}`)).join(", ") : t("articles.history.same"),
      parts: changed.length ? changed.map(one) : [h("p", { class: "page-note" }, t("articles.history.same"))],
    };
  }
}

/** The version itself can be read, and taken up. */
function ofTheOneBefore(error) {
  throw error.code === "version_unreadable" ? new Error(t("articles.history.before")) : error;
}

customElements.define("article-history", ArticleHistory);
