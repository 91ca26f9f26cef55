// The dialogs about promises: making one, putting one off, telling how a call went.

import { confirmed, field, openDialog } from "../dialog.js";
import { h, randomId } from "../dom.js";
import { dateTime, time } from "../format.js";
import { label, t } from "../i18n.js";
import { dayAt, instantOf, wallClock } from "../zone.js";

const KINDS = ["reply", "call_back", "enquiry", "other"];
export const OUTCOMES = ["reached", "no_answer", "voicemail", "wrong_number"];
const EVENING_HOUR = 19;

/** An advisor gives their word to the customer of a conversation. Resolves to whether they did. */
export async function promise(api, { conversation_id, locale, phone }) {
  const id = randomId();
  const kind = select("kind", KINDS.map((name) => [name, label("promise-kind", name)]));
  const text = h("textarea", { class: "input", name: "text", rows: "2", maxlength: "300" });
  const number = h("input", { class: "input", name: "phone", type: "tel", maxlength: "40", value: phone ?? "" });
  const numberField = field(t("promise.phone"), number);
  const when = moments();
  const dress = () => {
    numberField.hidden = kind.value !== "call_back";
    text.required = kind.value === "other";
  };
  kind.addEventListener("change", dress);
  dress();
  const check = async () => {
    const due = when.value();
    if (!due) return t("promise.when.missing");
    if (kind.value === "other" && !text.value.trim()) return t("promise.text.missing");
    const body = { kind: kind.value, text: text.value.trim(), due_at: due.toISOString(), client_promise_id: id };
    if (kind.value === "call_back" && number.value.trim()) body.phone = number.value.trim();
    await api.post(`/conversations/${encodeURIComponent(conversation_id)}/promises`, body);
    return "";
  };
  const language = locale ? label("language", locale.slice(0, 2)) : "";
  const hint = t("promise.text.hint", { language: language.toLocaleLowerCase() });
  const body = [h("p", { class: "field-hint" }, t("promise.lead")), field(t("promise.what"), kind), numberField, field(t("promise.text"), text, hint), when.node];
  return (await openDialog({ title: t("promise.title"), body, submit: t("promise.submit"), check })) !== null;
}

/** Another deadline, or another number for a call. Resolves to what to say of it, or false. */
export async function postpone(api, row) {
  const when = moments({ chosen: false }); // a new number alone leaves the deadline as it is
  const number = row.kind === "call_back" && h("input", { class: "input", type: "tel", maxlength: "40", value: row.contact?.phone ?? "" });
  let done = "";
  const check = async () => {
    const due = when.value();
    const phone = number && number.value.trim() !== (row.contact?.phone ?? "") ? number.value.trim() : "";
    if (!due && !phone) return t("promise.when.missing");
    await api.patch(path(row), { ...(due && { due_at: due.toISOString() }), ...(phone && { phone }) });
    done = due ? "promise.moved" : "callbacks.done";
    return "";
  };
  const body = [h("p", { class: "field-hint" }, t("promise.put_off.lead")), number && field(t("promise.phone"), number), when.node];
  return (await openDialog({ title: t("promise.put_off"), body, submit: t("promise.save"), check })) !== null && done;
}

export async function withdraw(api, row) {
  if (!(await confirmed(t("promise.withdraw"), t("promise.withdraw.lead"), t("promise.withdraw.submit")))) return false;
  await api.post(`${path(row)}/cancelled`);
  return true;
}

export const keep = (api, row) => api.post(`${path(row)}/kept`);

/** How a call went, with a note. `attemptId` makes the same press count once. */
export const tried = (api, row, outcome, note = "", attemptId = randomId()) => api.post(`${path(row)}/attempts`, { outcome, note, client_attempt_id: attemptId });

export async function tellCall(api, row) {
  const id = randomId();
  const outcomes = choices("outcome", t("callbacks.outcome"), OUTCOMES.map((name) => [name, label("callback-outcome", name)]));
  const note = h("textarea", { class: "input", name: "note", rows: "2", maxlength: "500" });
  const check = async (form) => {
    const outcome = new FormData(form).get("outcome");
    if (!outcome) return t("callbacks.outcome.missing");
    await tried(api, row, outcome, note.value.trim(), id);
    return "";
  };
  return (await openDialog({ title: t("callbacks.tell"), body: [outcomes, field(t("callbacks.note"), note)], submit: t("callbacks.tell.submit"), check })) !== null;
}

const path = (row) => `/promises/${encodeURIComponent(row.promise_id)}`;

function select(name, options) {
  return h("select", { class: "input", name }, options.map(([value, text]) => h("option", { value }, text)));
}

function choices(name, legend, options, checked = "") {
  return h("fieldset", { class: "picks" }, h("legend", {}, legend),
    options.map(([value, text]) => h("label", { class: "pick" }, h("input", { type: "radio", name, value, checked: value === checked }), text)));
}

/** By tonight, tomorrow noon, within 48 hours, or a moment of one's own. `value()`: a Date, or null. */
function moments({ chosen: preset = true } = {}) {
  const quick = quickMoments();
  const date = h("input", { class: "input", type: "datetime-local", name: "date", "aria-label": t("promise.when.date") });
  const options = quick.map(([name, at]) => [name, t(`promise.when.${name}`, { at: name === "tonight" ? time(at) : dateTime(at) })]);
  const group = choices("when", t("promise.when"), [...options, ["date", t("promise.when.date")]], preset ? quick[0][0] : "");
  group.append(date);
  const pick = () => (group.querySelector("input[value=date]").checked = true);
  date.addEventListener("input", pick);
  const value = () => {
    const chosen = group.querySelector("input[name=when]:checked")?.value;
    if (!chosen) return null;
    if (chosen !== "date") return new Date(quick.find(([name]) => name === chosen)[1]);
    const at = instantOf(date.value);
    return date.value && !Number.isNaN(at.getTime()) ? at : null;
  };
  return { node: group, value };
}

function quickMoments(now = new Date()) {
  const day = (ahead, hour) => dayAt(now, ahead, hour).toISOString();
  const in48 = new Date(now.getTime() + 48 * 3600_000);
  in48.setMinutes(0, 0, 0);
  const tonight = Number(wallClock(now).slice(11, 13)) < EVENING_HOUR - 1 ? [["tonight", day(0, EVENING_HOUR)]] : [];
  return [...tonight, ["tomorrow", day(1, 12)], ["in48", in48.toISOString()]];
}
