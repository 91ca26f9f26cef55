// Promises at the desk: giving one's word, seeing on the card what was promised, and hearing what is nearly missed.

import { section, words } from "../card-parts.js";
import { h } from "../dom.js";
import { extend } from "../extensions.js";
import { dateTime } from "../format.js";
import { label, t } from "../i18n.js";
import { setBadge } from "../topbar.js";
import { dueMark } from "./due.js";
import { keep, promise, withdraw } from "./promising.js";

const SUPERVISORS = ["supervisor", "admin"];
const SOON_MS = 300;

extend("actions", {
  name: "promise",
  order: 20,
  icon: "clock",
  key: "p",
  label: () => t("promise.action"),
  when: (store, item, mode) => mode === "mine" || (mode === "other" && SUPERVISORS.includes(store.me.role)),
  run: async (store, item) => {
    const given = await promise(store.api, { conversation_id: item.conversation_id, locale: item.locale, phone: item.contact?.phone });
    if (given) store.emit("toast", { key: "promise.given" });
  },
});

extend("card", {
  name: "promises",
  order: 30,
  make: (context, store, mine, item) => {
    const list = context.who?.promises_open;
    return list?.length ? section("promises", h("ul", { class: "promises" }, list.map((each) => line(each, store, item)))) : null;
  },
});

function line(each, store, item) {
  const missed = each.status === "missed";
  const due = each.due_at && dueMark({ what: each.kind === "call_back" ? "call" : "promise", due_at: each.due_at, warn_at: each.warn_at, skew: store.skew, late: missed });
  const title = each.kind && each.kind !== "other" ? label("promise-kind", each.kind) : "";
  return h("li", { data: { promise: each.promise_id ?? "" } },
    h("p", { class: "promise-what" }, title && h("strong", {}, title), title && words(each) && " · ", words(each)),
    h("p", { class: "promise-when" }, due, each.due_at && h("span", { class: "try-note" }, t("card.due", { due: dateTime(each.due_at) })), missed && h("span", { class: "badge badge--bad" }, t("promise.missed"))),
    // Erasing somebody's data is the bot's own promise: nobody ticks it off.
    each.promise_id && each.kind !== "erasure" && h("p", { class: "promise-actions" },
      h("button", { class: "button button--small", type: "button", "aria-label": t("promise.keep.label", { what: words(each) || title }), on: { click: (event) => act(store, item, event.target, () => keep(store.api, each)) } }, t("promise.keep")),
      h("button", { class: "button button--small button--quiet", type: "button", "aria-label": t("promise.cancel.label", { what: words(each) || title }), on: { click: (event) => act(store, item, event.target, () => withdraw(store.api, each)) } }, t("promise.cancel"))));
}

async function act(store, item, button, work) {
  button.disabled = true;
  try {
    if ((await work()) !== false) await store.loadContext(item.handoff_id);
  } catch (error) {
    store.emit("toast", { key: "toast.failed", variables: { reason: error.message }, bad: true });
  }
  button.disabled = false;
}

/** Several hints in a moment are one look; a look that fails is made up for by the next. */
function soon(work) {
  let timer = 0;
  return (store) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(store).catch(() => {}), SOON_MS);
  };
}

const count = soon(async (store) => {
  const { promises } = await store.api.get("/promises");
  setBadge("callbacks", promises.filter((each) => each.state !== "fine").length);
});

let alerted = null;

/** A supervisor hears of what is new in the list of alerts; the badge has them all. */
const alerts = soon(async (store) => {
  const found = (await store.api.get("/alerts")).alerts;
  setBadge("floor", found.length);
  const known = alerted;
  alerted = new Map(found.map((each) => [each.alert_id, each.state]));
  const fresh = known && found.filter((each) => known.get(each.alert_id) !== each.state);
  if (!fresh?.length) return;
  const [first] = fresh;
  const variables = { name: first.customer_name || t("customer.visitor"), what: label("alert-what", first.what) };
  if (fresh.length > 1) store.emit("toast", { key: "alert.several", variables: { count: fresh.length } });
  else store.emit("toast", { key: first.state === "late" ? "alert.late" : "alert.warning", variables, bad: first.state === "late" });
});

const looks = (store) => {
  count(store);
  if (SUPERVISORS.includes(store.me.role)) alerts(store);
};

extend("frames", { type: "ready", hear: (frame, store) => looks(store) });
extend("frames", { type: "alerts", hear: (frame, store) => looks(store) });
extend("frames", {
  type: "promises",
  hear: (frame, store) => {
    looks(store);
    const item = store.selected;
    if (item && item.conversation_id === frame.conversation_id) store.loadContext(item.handoff_id);
  },
});
