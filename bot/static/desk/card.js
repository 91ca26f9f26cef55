// Third column: who, why, what was tried, and what may help. Drawn from the handoff context, field by field.

import { known, orders, past, sameCase } from "./card-history.js";
import { tried, understood, visited, why } from "./card-why.js";
import { h, reconcile } from "./dom.js";
import { DeskElement } from "./element.js";
import { extensions, signatures } from "./extensions.js";
import { dateTime, monthYear } from "./format.js";
import { label, locale, t } from "./i18n.js";
import { assuranceBadge, customerName, initials } from "./parts.js";
import { openPast } from "./parts/past.js";

/** Event `insert` (detail: text) when a suggestion is to go into the reply. */
class DeskCard extends DeskElement {
  render() {
    this.body = h("div", { class: "card-body", tabindex: "0", role: "group", "aria-label": t("head.card") });
    this.replaceChildren(this.body);
    this.listen(this.store, "selected handoffs", () => this.update());
    this.listen(this.store, "context", ({ detail }) => detail === this.store.selected?.handoff_id && this.update());
    this.update();
  }

  update() {
    const item = this.store.selected;
    const context = item && this.store.context(item.handoff_id);
    const mine = this.store.isMine(item);
    const state = !item ? "none" : !context ? "loading" : context.failed ? "failed" : "ready";
    const signature = JSON.stringify([state, item?.handoff_id, context, mine, locale(), signatures("card", this.store, item)]);
    reconcile(this.body, [{ key: "card", signature, make: () => (state === "ready" ? this.#card(context, mine, item) : this.#instead(state, item)) }]);
  }

  #instead(state, item) {
    if (state !== "failed") return h("p", { class: "card-none" }, t(`card.${state}`));
    const again = h("button", { class: "button button--small", type: "button", on: { click: () => this.store.loadContext(item.handoff_id) } }, t("delivery.retry"));
    return h("div", { class: "card-none" }, h("p", {}, t("card.failed")), again);
  }

  /** Sections in their order; what parts add stands between those written here. */
  #card(context, mine, item) {
    const facts = context.why ?? {};
    const person = context.who ?? {};
    const sections = [
      { order: 10, make: () => who(person, context.channel) },
      { order: 20, make: () => why(facts, context.best_person, this.store) },
      { order: 30, make: () => sameCase(facts.same_case, (id) => openPast(this.store, id, customerName(item))) },
      { order: 40, make: () => tried(facts, this.store, item, mine) },
      { order: 60, make: () => orders(person.orders) },
      { order: 70, make: () => past(person.past_conversations, (id) => openPast(this.store, id, customerName(item))) },
      { order: 80, make: () => understood(facts) },
      { order: 90, make: () => visited(facts) },
      ...extensions("card"),
    ];
    sections.sort((one, other) => one.order - other.order);
    return h("div", { class: "card" }, sections.map((section) => section.make(context, this.store, mine, item)));
  }
}

function who(person, channel) {
  const name = person.display_name || t("customer.visitor");
  const gold = person.segment && person.segment !== "standard";
  const since = monthYear(person.customer_since);
  return h("section", { class: "card-who", "aria-label": t("card.who") },
    h("div", { class: "card-person" },
      h("span", { class: `avatar${gold ? " avatar--gold" : ""}`, "aria-hidden": "true" }, initials(name)),
      h("div", {},
        h("h3", { class: "card-name" }, name, gold && h("span", { class: "badge badge--warn" }, label("segment", person.segment))),
        h("p", { class: "card-since" }, [since && t("card.since", { since }), person.assurance !== "anonymous" && person.customer_id].filter(Boolean).join(" · ") || label("channel", channel)))),
    h("p", { class: "card-proof" }, assuranceBadge(person.assurance), h("span", {}, proof(person))),
    known(person.identities, person.customer_id));
}

/** How the identity was proven, and when; the advisor reads what may be said from it. */
function proof(person) {
  const how = person.method ? label("method", person.method) : "";
  const at = dateTime(person.verified_at);
  return [how, at].filter(Boolean).join(" · ") || t(`assurance.${person.assurance ?? "anonymous"}.hint`);
}

customElements.define("desk-card", DeskCard);
