// Who works here: inviting, changing, closing accounts.

import { confirmed, field, openDialog } from "../dialog.js";
import { h } from "../dom.js";
import { date, dateTime } from "../format.js";
import { label, locale, t } from "../i18n.js";
import { action, board, checks, choice, table } from "./kit.js";

const LOOK_EVERY_MS = 30_000;
const STATUS_TONE = { active: "good", invited: "info", disabled: "bad" };

export default function page({ api, live, say }) {
  const made = board({
    name: "team", lead: "team.lead", say, live, types: ["presence"], everyMs: LOOK_EVERY_MS,
    read: () => api.get("/users"),
    tools: () => h("button", { class: "button button--primary", type: "button", on: { click: () => edit(null) } }, t("team.invite")),
    blocks: (data) => [{ key: "table", signature: JSON.stringify(data), make: () => list(data) }],
  });
  const change = async (work, said) => {
    const answer = await made.board.run(work, said);
    if (answer) made.board.show(answer);
  };
  const edit = (user) => openEditor(api, made.board, say, user);
  const close = async (user) => {
    if (await confirmed(t("team.disable"), t("team.disable_sure", { name: user.name }), t("team.disable"))) await change(() => api.post(`/users/${user.id}/disable`), "team.disabled");
  };
  const list = ({ users, skills }) => table(t("page.team"), ["person", "role", "languages", "skills", "capacity", "presence", "actions"].map((name) => t(`team.column.${name}`)),
    users.map((user) => [person(user), label("role", user.role), user.locales.map((code) => code.toUpperCase()).join(", "), names(user.skills, skills), room(user), there(user), { class: "table-actions-cell", content: user.may_change && buttons(user) }]));
  const buttons = (user) => h("div", { class: "table-actions" },
    user.status !== "disabled" && action(t("team.edit"), user.name, () => edit(user)),
    user.status === "invited" && action(t("team.resend"), user.name, () => change(() => api.post(`/users/${user.id}/invitation`), "team.resent")),
    user.status === "disabled" ? action(t("team.enable"), user.name, () => change(() => api.post(`/users/${user.id}/enable`), "team.enabled")) : action(t("team.disable"), user.name, () => close(user)));
  return made.root;
}

function person(user) {
  return h("div", {}, h("strong", {}, user.name), " ", user.status !== "active" && h("span", { class: `badge badge--${STATUS_TONE[user.status]}` }, label("account-status", user.status)), h("div", { class: "small" }, user.email),
    user.invited_until && h("div", { class: "small" }, t("team.invited_until", { when: date(user.invited_until) })));
}

const names = (chosen, skills) => chosen.map((name) => skills.find((skill) => skill.name === name)?.label[locale()] ?? name).join(", ") || "–";

function room(user) {
  if (user.role !== "advisor") return "–";
  return `${user.load} / ${user.capacity ?? user.usual_capacity}`;
}

function there(user) {
  if (user.status !== "active") return "–";
  if (user.online) return h("span", { class: `badge badge--${user.presence === "available" ? "good" : "warn"}` }, label("presence", user.presence));
  return h("span", { class: "small" }, user.seen_at ? t("team.seen", { when: dateTime(user.seen_at) }) : t("team.never_seen"));
}

/** Invites when `user` is null; what the server refuses is said in the dialog. */
async function openEditor(api, shown, say, user) {
  const { roles, skills } = shown.state.data;
  const name = h("input", { class: "input", name: "name", autocomplete: "off", maxlength: "60", value: user?.name ?? "", required: true });
  const email = !user && h("input", { class: "input", name: "email", type: "email", autocomplete: "off", maxlength: "200", required: true });
  const capacity = h("input", { class: "input", name: "capacity", type: "number", min: "1", max: "30", value: user?.capacity ?? "" });
  const body = [
    field(t("team.column.person"), name, t("team.name_hint")),
    email && field(t("team.email"), email),
    field(t("team.column.role"), choice("role", roles.map((role) => [role, label("role", role)]), user?.role ?? "advisor")),
    checks(t("team.column.languages"), "locales", ["fr", "en"].map((code) => [code, t(`language.${code}`)]), user?.locales ?? [locale()]),
    checks(t("team.column.skills"), "skills", skills.map((skill) => [skill.name, skill.label[locale()]]), user?.skills ?? []),
    field(t("team.column.capacity"), capacity, t("team.capacity_hint")),
  ];
  let answer = null;
  const check = async (form) => {
    answer = await (user ? api.put(`/users/${user.id}`, read(form)) : api.post("/users", read(form)));
    return "";
  };
  const title = user ? t("team.edit_named", { name: user.name }) : t("team.invite");
  if ((await openDialog({ title, body, submit: t(user ? "team.save" : "team.send"), check })) === null) return;
  say(user ? "team.saved" : "team.invited");
  shown.show(answer);
}

function read(form) {
  const given = new FormData(form);
  const capacity = given.get("capacity");
  const found = { name: given.get("name"), role: given.get("role"), locales: given.getAll("locales"), skills: given.getAll("skills"), capacity: capacity ? Number(capacity) : null };
  return given.has("email") ? { ...found, email: given.get("email") } : found;
}
