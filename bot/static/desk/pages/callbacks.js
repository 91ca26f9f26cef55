// Calls to make, every promise that is still to be kept, and, for supervisors, what is at risk.

import { h, icon, reconcile } from "../dom.js";
import { date, dateTime, dayKey, time } from "../format.js";
import { label, locale, plural, t } from "../i18n.js";
import { customerName, languageMark } from "../parts.js";
import { dueMark } from "../parts/due.js";
import { keep, postpone, tellCall, tried, withdraw } from "../parts/promising.js";
import { setBadge } from "../topbar.js";

const FILTERS = ["all", "mine", "late", "today"];
const OPEN_HANDOFFS = ["requested", "offered", "accepted"];
const LOOK_EVERY_MS = 30_000;
const SOON_MS = 250;

export default function page({ api, live, me, say }) {
  const root = h("div", { class: "page-inside callbacks" });
  const lists = ["calls", "promises", ...(["supervisor", "admin"].includes(me.role) ? ["alerts"] : [])];
  const [list, filter] = location.hash.slice(1).split("/");
  const state = { lists, list: lists.includes(list) ? list : "calls", filter: FILTERS.includes(filter) ? filter : "all", me };
  const load = async () => {
    try {
      const [kept, alerts] = await Promise.all([api.get("/promises"), lists.includes("alerts") ? api.get("/alerts") : { alerts: [] }]);
      Object.assign(state, { rows: kept.promises, alerts: alerts.alerts, skew: Date.now() - Date.parse(kept.now), error: "" });
      setBadge("callbacks", kept.promises.filter((row) => row.state !== "fine").length);
      setBadge("floor", alerts.alerts.length);
    } catch (error) {
      state.error = error.message || t("page.failed");
    }
    draw(root, state, actions);
  };
  const act = async (key, work) => {
    try {
      const done = await work();
      if (done === false) return;
      say(key ?? done);
    } catch (error) {
      say("toast.failed", { reason: error.message }, { bad: true });
    }
    await load();
  };
  const choose = (change) => {
    Object.assign(state, change);
    // In the address, so that a reload or a change of language comes back to it.
    history.replaceState(null, "", `#${state.list}/${state.filter}`);
    draw(root, state, actions);
  };
  const actions = {
    choose,
    reached: (row) => act("callbacks.done.reached", () => tried(api, row, "reached")),
    missed: (row) => act("callbacks.done.again", () => tried(api, row, "no_answer")),
    tell: (row) => act("callbacks.done", () => tellCall(api, row)),
    keep: (row) => act("promise.kept", () => keep(api, row)),
    postpone: (row) => act(null, () => postpone(api, row)),
    withdraw: (row) => act("promise.withdrawn", () => withdraw(api, row)),
  };
  draw(root, state, actions);
  load();
  follow(root, live, load);
  return root;
}

/** Looks again when the live line says so, and now and then without it. */
function follow(root, live, load) {
  const life = new AbortController();
  let soon = 0;
  const hear = ({ detail }) => {
    if (!["promises", "alerts", "handoffs", "ready"].includes(detail.type)) return;
    clearTimeout(soon);
    soon = setTimeout(() => root.isConnected && load(), SOON_MS);
  };
  live.addEventListener("frame", hear, { signal: life.signal });
  const timer = setInterval(() => {
    if (!root.isConnected) {
      clearInterval(timer);
      life.abort();
    } else if (!document.hidden) load();
  }, LOOK_EVERY_MS);
}

function shownOf({ list, filter, rows, alerts, me, skew }) {
  if (list === "alerts") return alerts;
  const wanted = rows.filter((row) => list !== "calls" || row.kind === "call_back");
  const today = dayKey(new Date(Date.now() - skew).toISOString());
  const fits = {
    all: () => true,
    mine: (row) => [row.made_by?.id, row.advisor?.id].includes(me.id),
    late: (row) => row.state === "late",
    today: (row) => dayKey(row.due_at) === today || row.state === "late",
  };
  return wanted.filter(fits[filter]);
}

function draw(root, state, actions) {
  const { rows, error, list, filter } = state;
  const blocks = [
    { key: "head", signature: "", make: () => h("div", { class: "page-head" }, h("h1", {}, t("page.callbacks"))) },
    { key: "lead", signature: "", make: () => h("p", { class: "page-lead" }, t("callbacks.lead")) },
    { key: "tabs", signature: JSON.stringify([list, filter, counts(state), locale()]), make: () => tabs(state, actions) },
  ];
  if (error) blocks.push({ key: "error", signature: error, make: () => h("p", { class: "page-error", role: "alert" }, error) });
  if (!rows && !error) blocks.push({ key: "wait", signature: "", make: () => h("p", { class: "page-note" }, t("page.loading")) });
  if (rows) blocks.push({ key: `list-${list}`, signature: "", make: () => h("ul", { class: "calls", "aria-label": t(`callbacks.list.${list}`) }) });
  const focused = root.querySelector(".tab:focus")?.dataset.tab;
  const at = root.querySelector(".call :focus")?.closest(".call")?.dataset.id;
  reconcile(root, blocks);
  if (rows) fill(root.lastElementChild, state, actions);
  if (focused) root.querySelector(`.tab[data-tab="${focused}"]`)?.focus();
  // A row that changed under the focus is a new node: the focus goes on where it was.
  if (at && !root.contains(document.activeElement)) (root.querySelector(`.call[data-id="${CSS.escape(at)}"] button`) ?? root.querySelector(".call button"))?.focus();
}

const counts = (state) => state.rows && state.lists.map((list) => shownOf({ ...state, list, filter: "all" }).length);

function tabs(state, actions) {
  const { lists, list, filter } = state;
  const numbers = counts(state) ?? [];
  const tab = (name, text, on, choice) => h("button", { class: "tab button button--small", type: "button", "aria-pressed": String(on), data: { tab: name }, on: { click: () => actions.choose(choice) } }, text);
  const names = lists.map((name, at) => tab(name, `${t(`callbacks.list.${name}`)}${numbers.length ? ` (${numbers[at]})` : ""}`, name === list, { list: name, filter: "all" }));
  const filters = list === "alerts" ? [] : FILTERS.map((name) => tab(`f-${name}`, t(`callbacks.filter.${name}`), name === filter, { filter: name }));
  return h("div", { class: "calls-tabs" },
    h("div", { class: "page-tools", role: "group", "aria-label": t("callbacks.lists") }, names),
    filters.length > 0 && h("div", { class: "page-tools", role: "group", "aria-label": t("callbacks.filters") }, filters));
}

function fill(box, state, actions) {
  const shown = shownOf(state);
  const rowOf = state.list === "alerts" ? alert : call;
  const blocks = shown.map((row) => ({
    key: row.promise_id && state.list !== "alerts" ? row.promise_id : row.alert_id,
    // What only counts down is kept right in place.
    signature: JSON.stringify([{ ...row, seconds_left: 0 }, locale()]),
    make: () => rowOf(row, state, actions),
  }));
  if (!shown.length) blocks.push({ key: "empty", signature: `${state.list}${state.filter}${locale()}`, make: () => empty(state, actions) });
  reconcile(box, blocks);
}

function empty({ list, filter }, actions) {
  const narrowed = filter !== "all" && list !== "alerts";
  const all = narrowed && h("button", { class: "button button--small", type: "button", on: { click: () => actions.choose({ filter: "all" }) } }, t("callbacks.show_all"));
  return h("li", { class: "empty" }, icon("check"), h("p", { class: "empty-title" }, t(`callbacks.empty.${narrowed ? "narrowed" : list}`)),
    h("p", {}, narrowed ? "" : t(`callbacks.empty_how.${list}`)), all);
}

function call(row, { skew }, actions) {
  const name = customerName(row);
  const isCall = row.kind === "call_back";
  const due = dueMark({ what: isCall ? "call" : "promise", due_at: row.due_at, warn_at: row.warn_at, skew, late: row.status === "missed" });
  const button = (key, work, look = "") => h("button", { class: `button button--small ${look}`, type: "button", "aria-label": `${t(key)} : ${name}`, on: { click: () => work(row) } }, t(key));
  const doing = isCall
    ? [button("callbacks.reached", actions.reached, "button--primary"), button("callbacks.no_answer", actions.missed), button("callbacks.other", actions.tell)]
    : [button("promise.keep", actions.keep, "button--primary")];
  return h("li", { class: "call", data: { id: row.promise_id, state: row.state } },
    h("div", { class: "call-who" },
      h("h2", { class: "call-name" }, name, languageMark(row.locale)),
      isCall && number(row.contact),
      !isCall && h("p", { class: "call-kind" }, label("promise-kind", row.kind))),
    h("div", { class: "call-why" },
      h("p", { class: "call-when" }, due, h("span", {}, moment(row)), row.status === "missed" && h("span", { class: "badge badge--bad" }, t("promise.missed"))),
      h("p", {}, [row.topic && label("topic", row.topic), row.text].filter(Boolean).join(" · ")),
      row.question && h("p", { class: "call-question" }, row.question),
      h("p", { class: "call-small" }, [row.made_by ? t("callbacks.by", { name: row.made_by.name }) : t("callbacks.by.team"), row.attempts.length > 0 && plural("callbacks.attempts", row.attempts.length)].filter(Boolean).join(" · ")),
      row.attempts.length > 0 && attempts(row.attempts)),
    h("div", { class: "call-actions" }, doing, button("promise.put_off.short", actions.postpone), button("promise.cancel.short", actions.withdraw, "button--quiet"), open(row, name)));
}

function number(contact) {
  const digits = String(contact?.phone ?? "").replace(/[^+\d]/g, "");
  if (!digits) return h("p", { class: "call-small" }, t("callbacks.number.none"));
  return h("a", { class: "call-number", href: `tel:${digits}` }, icon("phone"), contact.phone);
}

/** When to call, or by when something was promised. */
function moment(row) {
  if (row.next_try_at) return t("callbacks.next_try", { at: dateTime(row.next_try_at) });
  if (row.contact?.mode === "call_at") return t("callbacks.at", { at: dateTime(row.contact.at) });
  return t("card.due", { due: dateTime(row.due_at) });
}

function attempts(list) {
  return h("ol", { class: "call-attempts" }, list.map((one) => h("li", {}, [`${date(one.at)} ${time(one.at)}`, label("callback-outcome", one.outcome), one.by, one.note].filter(Boolean).join(" · "))));
}

function open(row, name) {
  if (!row.handoff_id || !OPEN_HANDOFFS.includes(row.handoff_status)) return null;
  return h("a", { class: "button button--small button--quiet", href: `/desk#/handoffs/${encodeURIComponent(row.handoff_id)}`, "aria-label": `${t("callbacks.open")} : ${name}` }, t("callbacks.open"));
}

function alert(row, { skew }) {
  const name = customerName(row);
  return h("li", { class: "call call--alert", data: { id: row.alert_id, state: row.state } },
    h("div", { class: "call-who" }, h("h2", { class: "call-name" }, name), h("p", { class: "call-kind" }, label("alert-what", row.what))),
    h("div", { class: "call-why" },
      h("p", { class: "call-when" }, dueMark({ what: row.kind === "promise" ? "promise" : "response", due_at: row.due_at, warn_at: row.since, skew, late: row.state === "late" }), h("span", {}, t("card.due", { due: dateTime(row.due_at) }))),
      h("p", {}, [row.topic && label("topic", row.topic), row.text, row.advisor?.name ?? t("alert.nobody")].filter(Boolean).join(" · "))),
    h("div", { class: "call-actions" }, open(row, name)));
}
