// What was told to the addresses outside, what could not be, and sending it again.

import { confirmed } from "../dialog.js";
import { h, icon, reconcile } from "../dom.js";
import { dateTime } from "../format.js";
import { label, plural, t } from "../i18n.js";

const STATUSES = ["dead", "pending", "delivered"];
const LOOK_EVERY_MS = 5000;

export default function page({ api, say }) {
  const root = h("div", { class: "page-inside" });
  const state = { status: STATUSES.find((name) => `#${name}` === location.hash) ?? "dead", shown: null, older: [] };
  const load = async (before = "") => {
    const asked = state.status;
    try {
      const answer = await api.get(`/webhooks?status=${asked}${before && `&before=${before}`}`);
      if (asked !== state.status) return;
      if (before) state.older.push(...answer.webhooks);
      state.shown = before ? { ...answer, webhooks: state.shown.webhooks } : answer;
      state.more = before || !state.older.length ? answer.more : state.more;
      state.error = "";
    } catch (error) {
      state.error = error.message || t("page.failed");
    }
    draw(root, state, actions);
  };
  const doing = async (work) => {
    try {
      await work();
    } catch (error) {
      say("toast.failed", { reason: error.message }, { bad: true });
    }
    state.older = [];
    await load();
  };
  const actions = {
    choose: (status) => {
      // In the address, so that a change of language or a reload comes back to it.
      history.replaceState(null, "", `#${status}`);
      Object.assign(state, { status, older: [], shown: state.shown && { ...state.shown, webhooks: null } });
      draw(root, state, actions);
      load();
    },
    older: () => load(allOf(state).at(-1).id),
    again: (row) => doing(async () => {
      await api.post(`/webhooks/${row.id}/replay`);
      say("webhooks.sent_again");
    }),
    allAgain: () => doing(async () => {
      const words = plural("webhooks.all_sure", state.shown.counts.dead);
      if (!(await confirmed(t("webhooks.all_again"), words, t("webhooks.all_again"), false))) return;
      await api.post("/webhooks/replay");
      say("webhooks.sent_again");
    }),
  };
  draw(root, state, actions);
  load();
  const timer = setInterval(() => {
    if (!root.isConnected) clearInterval(timer);
    // What was unfolded stays as it is: rows must not move under the pointer.
    else if (!document.hidden && !state.older.length) load();
  }, LOOK_EVERY_MS);
  return root;
}

function allOf({ shown, older }) {
  const fresh = shown?.webhooks ?? [];
  return [...fresh, ...older.filter((row) => !fresh.some((one) => one.id === row.id))];
}

function draw(root, state, actions) {
  const { shown, status, error } = state;
  const blocks = [
    { key: "head", signature: String(Boolean(shown?.counts.dead)), make: () => head(shown, actions) },
    { key: "lead", signature: "", make: () => h("p", { class: "page-lead" }, t("webhooks.lead")) },
  ];
  if (shown) blocks.push({ key: "targets", signature: shown.targets.join(), make: () => targets(shown.targets) });
  if (error) blocks.push({ key: "error", signature: error, make: () => h("p", { class: "page-error", role: "alert" }, error) });
  if (shown) blocks.push({ key: "tabs", signature: status + JSON.stringify(shown.counts), make: () => tabs(shown.counts, status, actions) });
  if (!shown && !error) blocks.push({ key: "wait", signature: "", make: () => h("p", { class: "page-note" }, t("page.loading")) });
  if (shown?.webhooks) blocks.push({ key: `list-${status}`, signature: "", make: () => h("div", {}) });
  const focused = root.querySelector(".tab:focus")?.dataset.status;
  reconcile(root, blocks);
  if (focused) root.querySelector(`.tab[data-status="${focused}"]`)?.focus();
  if (shown?.webhooks) drawList(root.lastElementChild, state, actions);
}

function head(shown, actions) {
  const all = shown?.counts.dead > 0 && h("button", { class: "button", type: "button", on: { click: actions.allAgain } }, t("webhooks.all_again"));
  return h("div", { class: "page-head" }, h("h1", {}, t("page.webhooks")), h("div", { class: "page-tools" }, all));
}

function targets(addresses) {
  if (addresses.length) return h("p", { class: "webhook-targets" }, t("webhooks.targets", { addresses: addresses.join(", ") }));
  return h("div", { class: "panel webhook-targets" }, h("p", { class: "empty-title" }, t("webhooks.none")), h("p", {}, t("webhooks.none_how")));
}

function tabs(counts, status, actions) {
  const tab = (name) => h("button", { class: "tab button button--small", type: "button", "aria-pressed": String(name === status), data: { status: name }, on: { click: () => actions.choose(name) } },
    `${label("webhook-status", name)} (${counts[name]})`);
  return h("div", { class: "page-tools", role: "group", "aria-label": t("webhooks.statuses") }, STATUSES.map(tab));
}

function drawList(box, state, actions) {
  const rows = allOf(state);
  const blocks = rows.map((row) => ({ key: row.id, signature: JSON.stringify(row), make: () => item(row, state.shown.attempts, actions) }));
  if (!rows.length) blocks.push({ key: "empty", signature: "", make: () => empty(state.status) });
  if (state.more && rows.length) blocks.push({ key: "more", signature: String(rows.length), make: () => h("button", { class: "button webhook-more", type: "button", on: { click: actions.older } }, t("webhooks.older")) });
  reconcile(box, blocks);
}

function empty(status) {
  return h("div", { class: "empty" }, icon(status === "delivered" ? "plug" : "check"), h("p", { class: "empty-title" }, t(`webhooks.empty.${status}`)), h("p", {}, t(`webhooks.empty_how.${status}`)));
}

function item(row, most, actions) {
  const name = label("webhook-type", row.type.replace("handoff.", ""));
  const again = row.status === "dead" && h("button", { class: "button button--small", type: "button", "aria-label": t("webhooks.again_named", { name, when: dateTime(row.created_at) }), on: { click: () => actions.again(row) } }, t("webhooks.again"));
  return h("article", { class: "webhook" },
    h("div", { class: "webhook-what" }, h("h2", {}, name), h("p", { class: "webhook-small" }, [dateTime(row.created_at), row.target].filter(Boolean).join(" · ")), h("p", { class: "webhook-small webhook-id" }, row.event_id)),
    h("div", { class: "webhook-state" }, row.error && row.status !== "delivered" && h("p", { class: "webhook-cause" }, cause(row.error)), h("p", { class: "webhook-small" }, fate(row, most))),
    h("div", { class: "table-actions" }, again));
}

function fate(row, most) {
  if (row.status === "delivered") return t("webhooks.delivered_at", { when: dateTime(row.ended_at) });
  const tries = t("webhooks.attempts", { count: row.attempts, most });
  return row.status === "pending" ? `${tries} · ${t("webhooks.next", { when: dateTime(row.next_attempt_at) })}` : tries;
}

function cause(error) {
  const status = error.match(/^http_(\d+)$/)?.[1];
  return status ? t("webhooks.refused", { status }) : label("webhook-cause", error);
}
