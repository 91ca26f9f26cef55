// The card’s part about the person: identities, orders with returns and refunds, past conversations.

import { foldedSection, section } from "./card-parts.js";
import { externalLink, h, icon } from "./dom.js";
import { date, dateTime, money } from "./format.js";
import { label, plural, t } from "./i18n.js";

const OPEN_STATUSES = ["in_preparation", "shipped"];
const STATUS_TONE = { in_preparation: "info", shipped: "info", delivered: "good", cancelled: "plain", returned: "plain" };

/** The addresses by which this person is known. */
export function known(identities, customerId) {
  // The account's number stands beside the name already.
  const others = (identities ?? []).filter((each) => each.subject && each.subject !== customerId);
  if (!others.length) return null;
  return h("dl", { class: "facts" }, others.map((each) => [h("dt", {}, label("identity", each.kind)), h("dd", {}, each.subject)]));
}

export function orders(list) {
  if (!list?.length) return null;
  const isOpen = (order) => OPEN_STATUSES.includes(order.status) || order.late || pending(order);
  const open = list.filter(isOpen);
  const closed = list.filter((order) => !isOpen(order));
  const older = closed.length && h("details", { class: "older" }, h("summary", {}, plural("card.orders.past", closed.length), icon("down")), h("ul", {}, closed.map(orderLine)));
  return section("orders", open.length ? h("ul", {}, open.map(orderLine)) : h("p", { class: "aside" }, t("card.orders.none")), older);
}

const pending = (order) => [...(order.returns ?? []), ...(order.refunds ?? [])].some((each) => each.status && !["done", "refunded", "closed", "completed"].includes(each.status));

function orderLine(order) {
  const titles = (order.lines ?? []).map((line) => (line.quantity > 1 ? `${line.quantity} × ${line.title}` : line.title)).join(", ");
  return h("li", { class: "order" },
    h("p", { class: "order-head" },
      h("span", { class: "order-number" }, order.number),
      h("span", { class: `badge badge--${order.late ? "bad" : (STATUS_TONE[order.status] ?? "plain")}` }, order.late ? t("order.late", { status: label("order", order.status) }) : label("order", order.status)),
      typeof order.total_eur === "number" && h("span", { class: "order-total" }, money(order.total_eur))),
    titles && h("p", { class: "order-lines" }, titles),
    h("p", { class: "try-note" }, delivery(order)),
    [...(order.returns ?? []).map((each) => back("return", each)), ...(order.refunds ?? []).map((each) => back("refund", each))]);
}

function delivery(order) {
  const ship = order.delivery ?? {};
  const dates = [
    order.placed_at && t("order.placed", { date: date(order.placed_at) }),
    ship.delivered_at ? t("order.delivered_on", { date: date(ship.delivered_at) }) : ship.expected_on && t("order.expected", { date: date(ship.expected_on) }),
  ];
  const parts = dates.filter(Boolean).join(" · ");
  if (!ship.carrier) return parts;
  return [parts, parts && " · ", ship.tracking_url ? externalLink(ship.tracking_url, ship.carrier) : ship.carrier];
}

function back(kind, each) {
  const amount = each.amount_eur ?? each.total_eur;
  const when = each.requested_at ?? each.at ?? each.created_at;
  const facts = [label("back", each.status), typeof amount === "number" && money(amount), when && date(when)];
  return h("p", { class: "order-back" }, h("strong", {}, t(`order.${kind}`)), ` ${facts.filter(Boolean).join(" · ")}`);
}

/** The same question on another channel, within the hour: one case. `open(conversationId)` shows that thread. */
export function sameCase(list, open) {
  if (!list?.length) return null;
  return section("same_case", h("ul", { class: "plain-list" }, list.map((each) => {
    const head = [label("channel", each.channel), dateTime(each.asked_at)].filter(Boolean).join(" · ");
    const state = t(`card.same_case.${each.status ?? "assistant"}`);
    return h("li", { class: "past" }, h("p", {}, h("button", { class: "past-open", type: "button", on: { click: () => open(each.conversation_id) } }, head), h("span", { class: "verdict verdict--plain" }, ` · ${state}`)), each.question && h("blockquote", { class: "quote" }, each.question));
  })));
}

/** `open(conversationId)` shows one of them. */
export function past(list, open) {
  if (!list?.length) return null;
  return foldedSection("past", h("ul", { class: "plain-list" }, list.map((each) => {
    const when = each.created_at;
    const head = [date(when), label("channel", each.channel), label("topic", each.topic)].filter(Boolean).join(" · ");
    return h("li", { class: "past" }, h("p", {}, h("button", { class: "past-open", type: "button", on: { click: () => open(each.conversation_id) } }, head), each.outcome && h("span", { class: `verdict verdict--${each.outcome === "resolved" ? "good" : "plain"}` }, ` · ${label("outcome", each.outcome)}`)), each.summary && h("p", { class: "try-note" }, each.summary));
  })));
}
