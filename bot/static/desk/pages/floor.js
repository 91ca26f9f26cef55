// The live floor: who is there with what in hand, who waits, what is at risk.

import { field, openDialog } from "../dialog.js";
import { h, icon } from "../dom.js";
import { dateTime, duration } from "../format.js";
import { label, locale, t } from "../i18n.js";
import { customerName, languageMark, waitingTime } from "../parts.js";
import { setBadge } from "../topbar.js";
import { action, board, choice, table } from "./kit.js";

const LOOK_EVERY_MS = 10_000;
const RISK_TONE = { warning: "warn", late: "bad" };

export default function page({ api, live, say }) {
  const read = async () => {
    const [floor, { alerts, rises = [] }] = await Promise.all([api.get("/floor"), api.get("/alerts")]);
    setBadge("floor", alerts.length + rises.length);
    return { ...floor, alerts, rises, skew: Date.now() - Date.parse(floor.now) };
  };
  const made = board({
    name: "floor", say, live, types: ["handoffs", "presence", "alerts", "promises"], everyMs: LOOK_EVERY_MS, read,
    blocks: (data) => [
      { key: "figures", signature: JSON.stringify([data.totals, data.alerts.length, data.longest_wait_seconds > 59 && Math.floor(data.longest_wait_seconds / 60), data.today]), make: () => figures(data) },
      ...(data.alerts.length ? [{ key: "alerts", signature: JSON.stringify(data.alerts.map((one) => [one.alert_id, one.state])), make: () => alerts(data.alerts) }] : []),
      ...data.rises.map((one) => ({ key: `rise-${one.id}`, signature: String(one.asked), make: () => rise(one) })),
      ...(uncovered(data).length ? [{ key: "skills", signature: JSON.stringify(uncovered(data)), make: () => h("p", { class: "floor-uncovered", role: "status" }, icon("alert"), t("floor.uncovered", { skills: uncovered(data).join(", ") })) }] : []),
      { key: "waiting", signature: still(data.waiting), make: () => section("floor.waiting", data.waiting.length ? waiting(data) : empty("check", "floor.nobody_waits", "floor.nobody_waits_how")) },
      { key: "advisors", signature: still(data.advisors), make: () => section("floor.advisors", data.advisors.length ? data.advisors.map((one) => advisor(one, data)) : empty("people", "floor.nobody", "floor.nobody_how")) },
    ],
  });
  const doing = async (work, said) => {
    if (await made.board.run(work, said)) await made.board.load();
  };
  const assign = async (row) => {
    const { colleagues } = await api.get("/colleagues");
    const able = colleagues.filter((one) => one.id !== row.holder);
    const options = able.map((one) => [one.id, t("floor.person", { name: one.name, presence: label("presence", one.online ? one.presence : "offline"), load: one.load, capacity: one.capacity })]);
    const body = [field(t("floor.to"), choice("user_id", options, able.find((one) => one.online)?.id)), field(t("floor.note"), h("textarea", { class: "input", name: "note", rows: "3", maxlength: "2000" }))];
    let warned = "";
    const check = async (form) => {
      const given = new FormData(form);
      const to = given.get("user_id");
      try {
        await api.post(`/handoffs/${row.handoff_id}/assign`, { user_id: to, note: given.get("note") || null, anyway: warned === to });
        return "";
      } catch (error) {
        if (error.code !== "not_there") throw error;
        warned = to;
        return `${error.message} ${t("floor.anyway")}`;
      }
    };
    if ((await openDialog({ title: t("floor.assign_named", { name: customerName(row) }), body, submit: t("floor.assign"), check })) === null) return;
    say("floor.assigned");
    await made.board.load();
  };
  const look = async (row, how) => {
    if (await made.board.run(() => api.post(`/handoffs/${row.handoff_id}/${how}`))) location.assign(`/desk#/handoffs/${encodeURIComponent(row.handoff_id)}`);
  };
  const waiting = (data) => table(t("floor.waiting"), ["who", "since", "skill", "risk", "actions"].map((name) => t(`floor.column.${name}`)), data.waiting.map((row) => [
    h("span", {}, h("a", { href: `/desk#/handoffs/${encodeURIComponent(row.handoff_id)}` }, customerName(row)), " ", languageMark(row.locale), row.contact.mode !== "chat" && h("span", { class: "badge" }, icon("phone"), t("floor.call"))),
    waitingTime(Date.parse(row.requested_at) + data.skew), skillName(row.skill, data), risk(row.risk), h("div", { class: "table-actions" }, action(t("floor.assign"), customerName(row), () => assign(row)))]));
  const advisor = (one, data) => h("article", { class: "panel floor-advisor", "aria-labelledby": `advisor-${one.id}` },
    h("div", { class: "floor-head" }, h("h3", { id: `advisor-${one.id}` }, one.name), presence(one), h("span", { class: "small" }, t("floor.load", { load: one.load, capacity: one.capacity })),
      one.role === "advisor" && one.online && one.presence !== "away" && action(t("floor.away"), one.name, () => doing(() => api.put(`/floor/advisors/${one.id}/presence`, { status: "away" }), "floor.set_away")),
      one.role === "advisor" && one.online && one.presence === "away" && action(t("floor.back"), one.name, () => doing(() => api.put(`/floor/advisors/${one.id}/presence`, { status: "available" }), "floor.set_back"))),
    one.conversations.length > 0 && h("ul", { class: "floor-list" }, one.conversations.map((row) => held({ ...row, holder: one.id }, data))));
  const held = (row, data) => h("li", { class: "floor-row" },
    h("span", { class: "floor-who" }, h("a", { href: `/desk#/handoffs/${encodeURIComponent(row.handoff_id)}` }, customerName(row)), row.topic && h("span", { class: "small" }, label("topic", row.topic)), risk(row.risk), row.asleep && h("span", { class: "badge" }, t("floor.asleep"))),
    waitingTime(Date.parse(row.since) + data.skew),
    h("span", { class: "table-actions" }, action(t("floor.listen"), customerName(row), () => look(row, "listen")), action(t("floor.join"), customerName(row), () => look(row, "join")), action(t("floor.assign"), customerName(row), () => assign(row))));
  return made.root;
}

/** What of the rows makes them look different; the seconds tick by themselves. */
const still = (rows) => JSON.stringify(rows, (key, value) => (["waiting_seconds", "longest_open_seconds", "seen_at"].includes(key) ? undefined : value));
const section = (title, content) => h("section", { class: "page-section" }, h("h2", {}, t(title)), content);
const empty = (mark, title, how) => h("div", { class: "empty" }, icon(mark), h("p", { class: "empty-title" }, t(title)), h("p", {}, t(how)));
const rise = ({ topic, asked, usual }) => h("p", { class: "floor-uncovered", role: "status" }, icon("alert"), h("span", {}, t("floor.rise", { topic: label("topic", topic), asked, usual: Math.round(usual) }), " ", h("a", { href: "/studio/incidents" }, t("floor.rise_how"))));
const skillName = (name, { skills }) => skills.find((skill) => skill.name === name)?.label[locale()] ?? name ?? "–";
const uncovered = ({ skills }) => skills.filter((skill) => !skill.covered).map((skill) => skill.label[locale()]);
const risk = (state) => state in RISK_TONE && h("span", { class: `badge badge--${RISK_TONE[state]}` }, icon("clock"), label("risk", state));

function presence(one) {
  const state = one.online ? one.presence : "offline";
  return h("span", { class: `badge badge--${state === "available" ? "good" : state === "offline" ? "bad" : "warn"}`, title: one.seen_at ? t("team.seen", { when: dateTime(one.seen_at) }) : null }, label("presence", state));
}

function figures({ totals, today, alerts: risks, longest_wait_seconds: longest }) {
  const seconds = (value) => (value === null ? "–" : duration(value));
  const shown = [["waiting", totals.waiting], ["longest", totals.waiting ? duration(longest) : "–"], ["at_risk", risks.length], ["in_hand", totals.in_hand], ["online", `${totals.available} / ${totals.online}`], ["handled", today.handled], ["median_wait", seconds(today.median_wait)], ["median_handling", seconds(today.median_handling)]];
  return h("dl", { class: "floor-figures" }, shown.map(([name, value]) => h("div", { class: "panel" }, h("dt", { class: "figure-name" }, t(`floor.figure.${name}`)), h("dd", { class: "figure" }, String(value)))));
}

function alerts(found) {
  const one = (alert) => h("li", {}, risk(alert.state), " ", alert.handoff_id ? h("a", { href: `/desk#/handoffs/${encodeURIComponent(alert.handoff_id)}` }, customerName(alert)) : customerName(alert), h("span", { class: "small" }, [label("alert-what", alert.what), alert.advisor?.name, dateTime(alert.due_at)].filter(Boolean).join(" · ")));
  return h("section", { class: "page-section floor-alerts" }, h("h2", {}, t("floor.alerts", { count: found.length })), h("ul", { class: "floor-list" }, found.slice(0, 20).map(one)), h("p", {}, h("a", { href: "/desk/callbacks#alerts" }, t("floor.all_alerts"))));
}
