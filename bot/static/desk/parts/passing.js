// Passing a conversation on, asking a colleague to look on, a supervisor who assigns: one dialog with whom to choose.

import { field, openDialog } from "../dialog.js";
import { h } from "../dom.js";
import { extend } from "../extensions.js";
import { locale, t } from "../i18n.js";
import { presenceOf } from "../mention-list.js";
import { customerName } from "../parts.js";

const pathOf = (item, verb) => `/handoffs/${encodeURIComponent(item.handoff_id)}/${verb}`;
const ready = (person) => person.online && person.presence === "available";

/** Those who may be chosen: who can take it now first. */
const choosable = (people, store, item) => people.filter((one) => one.id !== item.advisor?.id).sort((one, other) => ready(other) - ready(one));

function people(list) {
  return list.map((one) => h("option", { value: `user:${one.id}` }, t("passing.person", { name: one.name, state: presenceOf(one), load: one.load, capacity: one.capacity })));
}

/** `kind`: transfer (a person or a team), assign (a person), invite (a person, without a note). */
async function choose(store, item, kind) {
  let floor;
  try {
    floor = await store.api.get("/colleagues");
  } catch (error) {
    store.emit("toast", { key: "toast.failed", variables: { reason: error.message }, bad: true });
    return;
  }
  const others = choosable(floor.colleagues, store, item).filter((one) => kind === "assign" || one.id !== store.me.id);
  const teams = kind === "transfer" ? floor.skills.map((each) => h("option", { value: `skill:${each.name}` }, each.label[locale()] ?? each.label.fr)) : [];
  const select = h("select", { class: "input", name: "to", required: true }, h("optgroup", { label: t("passing.people") }, people(others)), teams.length > 0 && h("optgroup", { label: t("passing.teams") }, teams));
  const anyway = h("input", { type: "checkbox", name: "anyway" });
  const warning = h("div", { class: "passing-warning", role: "status" });
  const note = h("textarea", { class: "input", name: "note", rows: "3", maxlength: "2000" });
  const chosen = () => others.find((one) => select.value === `user:${one.id}`);
  const warn = () => {
    anyway.checked = false;
    const person = chosen();
    const absent = kind !== "invite" && person && !ready(person);
    warning.replaceChildren(...(absent ? [h("p", {}, t(`passing.absent.${kind}`, { name: person.name, state: presenceOf(person) })), h("label", { class: "choice-row" }, anyway, t("passing.anyway"))] : []));
  };
  select.addEventListener("change", warn);
  warn();
  const check = async () => {
    const [what, id] = [select.value.slice(0, select.value.indexOf(":")), select.value.slice(select.value.indexOf(":") + 1)];
    if (!id) return t("passing.nobody");
    const target = what === "skill" ? { to_skill: id } : kind === "transfer" ? { to_user: id } : { user_id: id };
    try {
      await store.api.post(pathOf(item, kind), kind === "invite" ? target : { ...target, note: note.value.trim(), anyway: anyway.checked });
    } catch (error) {
      // They left while the dialog stood open: what was read of them is brought level, and the warning with it.
      if (error.code === "not_there" && chosen()) Object.assign(chosen(), { online: false });
      if (error.code === "not_there") warn();
      return error.message;
    }
    return "";
  };
  const hint = t(`passing.hint.${kind}`, { name: customerName(item) });
  const body = [h("p", { class: "aside" }, hint), field(t("passing.to"), select), warning, kind === "invite" ? null : field(t("passing.note"), note, t("passing.note.hint"))];
  const answer = await openDialog({ title: t(`passing.${kind}`), body, submit: t(`passing.${kind}.do`), check });
  if (answer) await store.refresh().catch(() => {});
}

const supervised = (store, item, mode) => store.maySupervise && mode === "other";
const steers = (store, item, mode) => mode === "mine" || supervised(store, item, mode);
const act = (verb) => (store, item) => store.act(() => store.api.post(pathOf(item, verb)));

extend("actions", { name: "transfer", order: 10, icon: "swap", key: "m", label: () => t("passing.transfer"), when: steers, run: (store, item) => choose(store, item, "transfer") });
extend("actions", { name: "invite", order: 11, icon: "people", label: () => t("passing.invite"), when: steers, run: (store, item) => choose(store, item, "invite") });
extend("actions", { name: "assign", order: 12, icon: "user", label: () => t("passing.assign"), when: (store, item, mode) => store.maySupervise && ["waiting", "offered", "other", "mine"].includes(mode), run: (store, item) => choose(store, item, "assign") });
extend("actions", { name: "listen", order: 13, icon: "eye", label: () => t("together.listen"), when: (...at) => supervised(...at) && !at[0].partIn(at[1]), run: act("listen") });
extend("actions", { name: "join", order: 14, icon: "chat", label: () => t("together.join"), when: (...at) => supervised(...at) && at[0].partIn(at[1]) !== "joined", run: act("join") });
extend("actions", { name: "leave", order: 15, icon: "out", label: () => t("together.leave"), when: (store, item) => Boolean(store.partIn(item)), run: act("leave") });
