// Who saw and did what: searched, read on, taken along as a table.

import { field } from "../dialog.js";
import { h, icon } from "../dom.js";
import { dateTime } from "../format.js";
import { label, locale, t } from "../i18n.js";
import { dayAt, instantOf } from "../zone.js";
import { board, choice, table } from "./kit.js";

const FIELDS = ["actor", "action", "target", "from", "to"];

export default function page({ api, say }) {
  const wanted = Object.fromEntries([...new URLSearchParams(location.search)].filter(([name]) => FIELDS.includes(name)));
  const query = (more = {}) => {
    const moments = { from: wanted.from && instantOf(`${wanted.from}T00:00`).toISOString(), to: wanted.to && endOf(wanted.to) };
    const given = { ...wanted, ...moments, locale: locale(), ...more };
    return new URLSearchParams(Object.entries(given).filter(([, value]) => value)).toString();
  };
  const made = board({
    name: "audit", lead: "audit.lead", say,
    read: () => api.get(`/audit?${query()}`),
    blocks: (data) => [
      { key: "form", signature: JSON.stringify([data.actions, data.actors]), make: () => searching(data, wanted, search) },
      { key: "list", signature: JSON.stringify(data.entries), make: () => (data.entries.length ? list(data.entries) : empty()) },
      ...(data.before ? [{ key: "more", signature: String(data.before), make: () => h("p", { class: "page-section" }, h("button", { class: "button", type: "button", on: { click: older } }, t("audit.older"))) }] : []),
      { key: "export", signature: query(), make: () => h("p", { class: "page-section" }, h("a", { class: "button", href: `/api/v1/desk/audit.csv?${query()}`, download: "audit.csv" }, t("audit.export"))) },
    ],
  });
  const older = async () => {
    const { data } = made.board.state;
    const next = await made.board.run(() => api.get(`/audit?${query({ before: data.before })}`));
    if (next) made.board.show({ ...next, entries: [...data.entries, ...next.entries] });
  };
  const search = (form) => {
    for (const name of FIELDS) wanted[name] = String(new FormData(form).get(name) ?? "").trim();
    // In the address, so that a search can be kept and a change of language comes back to it.
    const shown = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
    history.replaceState(null, "", `${location.pathname}?${shown}`);
    made.board.load();
  };
  return made.root;
}

function endOf(day) {
  return dayAt(instantOf(`${day}T12:00`), 1, 0).toISOString();
}

function searching({ actors, actions }, wanted, search) {
  const input = (name, type) => h("input", { class: "input", type, name, value: wanted[name] ?? "" });
  const anything = ["", t("audit.any")];
  const anybody = ["", t("audit.anyone")];
  const form = h("form", { class: "audit-form", role: "search" },
    field(t("audit.actor"), choice("actor", [anybody, ...actors.map((one) => [one.id, one.name])], wanted.actor ?? "")),
    field(t("audit.action"), choice("action", [anything, ...actions.map((one) => [one.action, one.sentence])], wanted.action ?? "")),
    field(t("audit.target"), input("target", "text")),
    field(t("audit.from"), input("from", "date")),
    field(t("audit.to"), input("to", "date")),
    h("button", { class: "button button--primary", type: "submit" }, icon("search"), t("audit.search")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search(form);
  });
  return form;
}

const list = (entries) => table(t("page.audit"), ["when", "who", "what", "whom", "detail"].map((name) => t(`audit.column.${name}`)),
  entries.map((entry) => [{ class: "when", content: h("time", { datetime: entry.at }, dateTime(entry.at)) }, entry.actor?.name ?? (entry.actor ? t("audit.gone") : t("audit.nobody")), entry.sentence, about(entry), detail(entry)]));

function about(entry) {
  const name = entry.about ?? (entry.conversation_id ? t("customer.visitor") : null);
  return h("span", {}, name, name && " ", h("code", { class: "audit-id" }, entry.target));
}

/** What changed, as “before → after”; anything else as it stands. */
function detail({ detail: text }) {
  if (/^\d{4}-\d\d-\d\dT/.test(text ?? "")) return dateTime(text);
  if (!text?.startsWith("{")) return text ? label("outcome", text) : "";
  let told;
  try {
    told = JSON.parse(text);
  } catch {
    return text;
  }
  const words = (value, key) => {
    if (value === null || value === undefined) return t("audit.nothing");
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join(", ") || t("audit.nothing");
    if (key === "role") return label("role", value);
    return typeof value === "string" ? value : JSON.stringify(value);
  };
  if ("before" in told && "after" in told) return h("details", {}, h("summary", {}, t("audit.changes")), h("p", { class: "audit-values" }, words(told.before)), h("p", { class: "audit-values" }, `→ ${words(told.after)}`));
  return Object.entries(told).map(([key, value]) => h("div", {}, t("kit.named", { action: label("account-field", key), name: Array.isArray(value) && value.length === 2 ? `${words(value[0], key)} → ${words(value[1], key)}` : words(value, key) })));
}

const empty = () => h("div", { class: "empty" }, icon("list"), h("p", { class: "empty-title" }, t("audit.empty")), h("p", {}, t("audit.empty_how")));
