// Every guided diagnosis: where it stands, how it ends, who wrote it last.

import { h, icon } from "/static/desk/dom.js";
import { date } from "/static/desk/format.js";
import { locale, plural, t } from "/static/desk/i18n.js";
import { nameOf, unbroken } from "../articles/draft.js";
import { StudioPage } from "../page.js";
import { inMine } from "./form.js";

const TONES = { in_review: "warn", approved: "good", published: "good" };

export class TreeList extends StudioPage {
  render() {
    const create = h("a", { class: "button button--primary", href: "/studio/trees/new" }, icon("plus"), t("trees.new"));
    this.rows = h("ul", { class: "list-rows", "aria-label": t("studio.page.trees") }, h("li", { class: "page-note" }, t("page.loading")));
    this.frame({ title: t("studio.page.trees"), lead: t("trees.lead"), tools: [create] }, this.rows);
    this.#load();
  }

  async #load() {
    try {
      const { trees } = await this.api.get("/trees");
      if (!this.isConnected) return;
      trees.sort((one, other) => inMine(one.title).localeCompare(inMine(other.title), locale()));
      this.rows.replaceChildren(...(trees.length ? trees.map((one) => this.#row(one)) : [this.#nothing()]));
    } catch (error) {
      const again = error.retryable && h("button", { class: "button button--small", type: "button", on: { click: () => this.#load() } }, t("banner.retry"));
      this.rows.replaceChildren(h("li", {}, h("div", { class: "page-error list-error", role: "alert" }, error.message, again)));
    }
  }

  #nothing() {
    return h("li", { class: "empty" }, icon("question"), h("p", { class: "empty-title" }, t("trees.empty")), h("p", {}, t("trees.empty.how")),
      h("a", { class: "button", href: "/studio/trees/new" }, t("trees.new")));
  }

  #row({ tree_id, title, state, nodes, ends = [], has_draft, draft_state, updated_at, updated_by, errors, broken = [] }) {
    const name = nameOf(updated_by);
    const marks = [
      broken.length > 0 && ["bad", t("trees.broken")],
      errors > 0 && ["warn", plural("trees.errors", errors)],
      has_draft && state === "published" && [TONES[draft_state] ?? "plain", t(`articles.with.${draft_state ?? "draft"}`)],
      [TONES[state] ?? "plain", t(`articles.state.${state}`)],
    ].filter(Boolean);
    const said = [plural("trees.nodes", nodes), ends.length && t("trees.ends", { ends: ends.map((end) => t(`trees.end.${end}`)).join(", ") }),
      updated_at && t(name ? "articles.updated.by" : "articles.updated", { when: date(updated_at), name })].filter(Boolean);
    return h("li", {}, h("a", { class: "list-row tree-row", href: `/studio/trees/${encodeURIComponent(tree_id)}` },
      h("span", { class: "list-words" }, h("span", { class: "list-title" }, unbroken(inMine(title)) || t("articles.untitled")), h("span", { class: "list-small" }, said.join(" · "))),
      h("span", { class: "list-marks" }, marks.map(([tone, words]) => h("span", { class: `badge badge--${tone}` }, words)))));
  }
}

customElements.define("tree-list", TreeList);
