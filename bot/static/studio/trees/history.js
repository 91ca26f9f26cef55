// The history of a guided diagnosis: what each version changed, and what changed since, step by step.

import { h } from "/static/desk/dom.js";
import { t } from "/static/desk/i18n.js";
import { PastVersions } from "../past.js";
import { changesOf } from "./changes.js";

const SIDES = ["before", "now"];

export class TreeHistory extends PastVersions {
  words = { none: "trees.history.none", sure: "trees.history.sure" };
  #against = "before";

  get base() {
    return `/trees/${encodeURIComponent(this.draft.id)}`;
  }

  tools() {
    const side = (name) => h("button", { class: "button button--small tab", type: "button", data: { side: name }, on: { click: () => this.#compare(name) } }, t(`trees.history.${name}`));
    this.sides = SIDES.map(side);
    // What is being written is part of what stands now.
    this.listen(this.draft, "status", () => this.draft.status === "saved" && this.#against === "now" && this.show(this.place, { isByItself: true }));
    return h("div", { class: "tabs", role: "group", "aria-labelledby": "tree-against" }, h("span", { class: "tree-against", id: "tree-against" }, t("trees.history.against")), this.sides);
  }

  #compare(side) {
    this.#against = side;
    this.show(this.place);
  }

  async compared(place) {
    const against = this.#against;
    for (const button of this.sides) button.setAttribute("aria-pressed", String(button.dataset.side === against));
    if (against === "now") await this.draft.flush().catch(() => {});
    const found = await this.studio.api.get(`${this.base}/history/${this.history[place].commit}/difference?against=${against}`);
    const since = this.draft.draft ? "trees.history.since.draft" : "trees.history.since";
    return { title: t(against === "now" ? since : found.before ? "articles.history.changed" : "articles.history.first"), ...changesOf(found) };
  }
}

customElements.define("tree-history", TreeHistory);
