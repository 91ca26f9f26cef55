// Putting a conversation off until a moment, or until the customer writes.

import { field, openDialog } from "../dialog.js";
import { h, icon } from "../dom.js";
import { extend } from "../extensions.js";
import { dateTime } from "../format.js";
import { t } from "../i18n.js";
import { dayAt, instantOf, wallClock } from "../zone.js";

const HOUR_MS = 3_600_000;
const pathOf = (item, verb) => `/handoffs/${encodeURIComponent(item.handoff_id)}/${verb}`;

const morning = (days) => dayAt(new Date(), days, 9);

const MOMENTS = {
  hour: () => new Date(Date.now() + HOUR_MS),
  hours: () => new Date(Date.now() + 3 * HOUR_MS),
  tomorrow: () => morning(1),
  days: () => morning(2),
  week: () => morning(7),
};

async function putOff(store, item) {
  const options = Object.keys(MOMENTS).map((name) => h("option", { value: name }, `${t(`snooze.${name}`)} · ${dateTime(MOMENTS[name]().toISOString())}`));
  const when = h("select", { class: "input", name: "when" }, options, h("option", { value: "chosen" }, t("snooze.chosen")));
  when.value = "tomorrow";
  const exact = h("input", { class: "input", type: "datetime-local", name: "until", value: wallClock(morning(1)), min: wallClock(new Date()) });
  const exactly = field(t("snooze.at"), exact);
  const reason = h("input", { class: "input", type: "text", name: "reason", maxlength: "300", placeholder: t("snooze.reason.example") });
  const dress = () => (exactly.hidden = when.value !== "chosen");
  when.addEventListener("change", dress);
  dress();
  const check = async () => {
    const at = when.value === "chosen" ? instantOf(exact.value) : MOMENTS[when.value]();
    if (Number.isNaN(at.getTime())) return t("snooze.when.missing");
    await store.api.post(pathOf(item, "snooze"), { until: at.toISOString(), reason: reason.value.trim() });
    return "";
  };
  const body = [h("p", { class: "aside" }, t("snooze.hint")), field(t("snooze.when"), when), exactly, field(t("snooze.reason"), reason)];
  if (await openDialog({ title: t("snooze.title"), body, submit: t("snooze.do"), check })) await store.refresh().catch(() => {});
}

const takeUp = (store, item) => store.act(() => store.api.post(pathOf(item, "unsnooze")));

extend("actions", { name: "snooze", order: 20, icon: "clock", key: "z", label: () => t("snooze.title"), when: (store, item, mode) => mode === "mine" && !item.snoozed_until, run: putOff });
extend("actions", { name: "unsnooze", order: 20, icon: "bell", label: () => t("snooze.end"), when: (store, item, mode) => mode === "mine" && Boolean(item.snoozed_until), run: takeUp });

extend("strips", {
  name: "snooze",
  order: 20,
  signature: (store, item) => [item.snoozed_until, item.snooze_reason],
  make: (store, item, context, mode) => !item.snoozed_until ? null : h("p", { class: "together-strip" }, icon("clock"),
    h("span", {}, t("snooze.until", { at: dateTime(item.snoozed_until) }), item.snooze_reason && ` · ${item.snooze_reason}`),
    mode === "mine" && h("button", { class: "button button--small", type: "button", on: { click: () => takeUp(store, item) } }, t("snooze.end"))),
});

extend("rowMarks", {
  name: "snooze",
  order: 20,
  make: (item) => {
    if (item.snoozed_until) return h("span", { class: "mark" }, icon("clock"), dateTime(item.snoozed_until));
    return item.woken_by && h("span", { class: "badge badge--info" }, icon("bell"), t(`snooze.back.${item.woken_by}`));
  },
});
