// What the customer changed on their slip, and an order service that could not be asked: said on the card.

import { section } from "../card-parts.js";
import { h, icon } from "../dom.js";
import { extend } from "../extensions.js";
import { label, plural, t } from "../i18n.js";

extend("card", { name: "slip", order: 25, make: ({ slip }) => slip && revised(slip) });
extend("card", { name: "orders-unavailable", order: 71, make: ({ who }) => (who?.orders_unavailable ? section("orders", note("alert", t("card.orders.unavailable"))) : null) });

extend("frames", { type: "context", hear: ({ handoff_id }, store) => store.context(handoff_id) && store.loadContext(handoff_id) });

function revised({ corrected = [], struck = 0 }) {
  const kinds = corrected.map((kind) => label("slip-kind", kind)).join(", ");
  return section("slip", [kinds && note("pen", t("slip.corrected", { kinds })), struck > 0 && note("lock", plural("slip.struck", struck))]);
}

function note(drawing, text) {
  return h("p", { class: "card-note" }, icon(drawing), text);
}
