// Prepared by the advisor, confirmed by the customer: taking a task up, and seeing what becomes of the offer.

import { h, icon } from "../dom.js";
import { extend } from "../extensions.js";
import { label, t } from "../i18n.js";
import { act, begin, both, pick, resume } from "./prepared-form.js";

const TONE = { draft: "plain", offered: "info", confirmed: "warn", done: "good", refused: "bad", failed: "bad", declined: "bad", withdrawn: "plain", expired: "warn" };
const AGAIN = ["refused", "failed", "declined", "expired", "withdrawn"];
const UNFINISHED = ["failed", "cancelled", "started"];
// What was offered in each conversation looked at, the newest first; what was put away is not shown again.
const known = new Map();
const putAway = new Set();

async function look(store, item) {
  known.set(item.conversation_id, known.get(item.conversation_id) ?? []);
  try {
    const { prepared } = await store.api.get(`/conversations/${encodeURIComponent(item.conversation_id)}/prepared`);
    known.set(item.conversation_id, prepared);
  } catch {
    known.delete(item.conversation_id);
    return;
  }
  store.emit("context", item.handoff_id);
}

/** The one to show: the newest, unless it was put away. */
function current(item) {
  const newest = known.get(item.conversation_id)?.[0];
  return newest && !putAway.has(newest.id) ? newest : null;
}

extend("frames", {
  type: "prepared",
  hear: (frame, store) => {
    const item = store.handoffs.find((each) => each.conversation_id === frame.conversation_id);
    if (!item || !known.has(frame.conversation_id)) return;
    look(store, item);
    if (store.selected?.handoff_id === item.handoff_id) store.loadContext(item.handoff_id);
  },
});
extend("frames", { type: "ready", hear: () => known.clear() });

extend("actions", {
  name: "prepare",
  order: 10,
  icon: "pen",
  key: "t",
  label: () => t("prepared.action"),
  when: (store, item, mode) => mode === "mine",
  run: pick,
});

extend("tries", {
  name: "prepared",
  make: (task, index, store, item, mine) => {
    const by = task.prepared_by && h("p", { class: "try-note" }, t("prepared.by", { name: task.prepared_by }));
    const offer = mine && UNFINISHED.includes(task.outcome) && current(item)?.status !== "confirmed";
    const take = offer && h("button", { class: "button button--small prepared-resume", type: "button", "aria-label": t("prepared.resume.label", { task: label("task", task.name) }), on: { click: () => begin(store, item, { task: task.name, from: index }) } }, icon("pen"), t("prepared.resume"));
    return by || take ? h("div", {}, by, take) : null;
  },
});

extend("strips", {
  name: "prepared",
  order: 30,
  signature: (store, item) => {
    if (!known.has(item.conversation_id)) look(store, item);
    return JSON.stringify(current(item));
  },
  make: (store, item, context, mode) => {
    const prepared = current(item);
    return prepared && strip(store, item, prepared, mode === "mine");
  },
});

function strip(store, item, prepared, mine) {
  const { id, status, proof } = prepared;
  const button = (key, run, primary = false) => h("button", { class: `button button--small${primary ? " button--primary" : ""}`, type: "button", on: { click: (event) => once(event.target, run) } }, t(key));
  const does = (what) => () => act(store, item, id, what);
  const then = prepared.outcome?.then?.task;
  const buttons = mine ? [
    status === "draft" && button("prepared.continue", () => resume(store, item, id), true),
    (status === "draft" || status === "offered") && button(status === "draft" ? "prepared.drop" : "prepared.withdraw", does("withdraw")),
    status === "failed" && prepared.unsure && button("prepared.retry", does("retry"), true),
    AGAIN.includes(status) && !(status === "failed" && prepared.unsure) && button("prepared.again", () => begin(store, item, { task: prepared.task, again: id })),
    status === "done" && then && button("prepared.then", () => begin(store, item, { task: then, again: id }), true),
  ] : [];
  const over = !["draft", "offered", "confirmed"].includes(status);
  const away = () => {
    putAway.add(id);
    store.emit("context", item.handoff_id);
  };
  return h("section", { class: "prepared-strip", data: { status }, "aria-label": t("prepared.strip") },
    icon(status === "done" ? "check" : "pen"),
    h("div", { class: "prepared-strip-text", role: "status" },
      h("p", { class: "prepared-strip-head" }, h("strong", {}, both(prepared.label)), h("span", { class: `badge badge--${TONE[status]}` }, t(`prepared.status.${status === "failed" && prepared.unsure ? "unsure" : status}`))),
      h("p", { class: "try-note" }, note(prepared, proof))),
    h("div", { class: "prepared-strip-actions" }, buttons,
      over && h("button", { class: "icon-button", type: "button", "aria-label": t("prepared.put_away"), title: t("prepared.put_away"), on: { click: away } }, icon("close"))));
}

function note(prepared, proof) {
  const { status, outcome } = prepared;
  if (status === "offered" && proof === "asked") return t("prepared.note.proof");
  if (status === "draft" && proof === "asked") return t("prepared.note.proof_draft");
  if (status === "refused" && outcome?.detail) return t("prepared.note.refused", { reason: label("detail", outcome.detail.replaceAll(" ", "_")) });
  if (status === "failed" && prepared.unsure) return t("prepared.note.unsure");
  return prepared.sentence ?? t(`prepared.note.${status === "draft" ? "draft" : "none"}`);
}

async function once(button, run) {
  button.disabled = true;
  await run();
  button.disabled = false;
}
