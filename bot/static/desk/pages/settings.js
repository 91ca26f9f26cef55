// What the company decides, changed here over the file: hours, days off, skills, thresholds.

import { confirmed } from "../dialog.js";
import { h } from "../dom.js";
import { dateTime } from "../format.js";
import { t } from "../i18n.js";
import { board } from "./kit.js";
import { daysOff, numbers, skills, week } from "./settings-forms.js";

const SECTIONS = ["opening_hours", "holidays", "skills", "handoff"];

export default function page({ api, live, say }) {
  const made = board({
    name: "settings", lead: "settings.lead", say, live, types: ["settings"],
    read: () => api.get("/settings"),
    blocks: (data) => SECTIONS.map((name) => ({ key: name, signature: `${data.sections[name].revision} ${name === "holidays" ? data.public_holidays.length : ""}`, make: () => section(name, data) })),
  });
  const again = async (name, how, said) => {
    const { revision } = made.board.state.data.sections[name];
    const answer = await made.board.run(() => api.post(`/settings/${name}/${how}`, { revision }), said);
    if (answer) made.board.show(answer);
  };
  const reset = async (name) => {
    if (await confirmed(t("settings.reset"), t("settings.reset_sure"), t("settings.reset"), false)) await again(name, "reset", "settings.was_reset");
  };
  const section = (name, data) => {
    const { changed, may_undo: mayUndo, by, at, problem, revision, value } = data.sections[name];
    const { node, read, wrong = () => null } = drawn(name, value, data);
    const error = h("p", { class: "dialog-error", role: "alert" });
    const save = h("button", { class: "button button--primary", type: "submit" }, t("settings.save"));
    const form = h("form", { class: "settings-form", novalidate: true }, node, error, h("div", { class: "page-tools" }, save,
      mayUndo && h("button", { class: "button", type: "button", on: { click: () => again(name, "undo", "settings.undone") } }, t("settings.undo")),
      changed && h("button", { class: "button", type: "button", on: { click: () => reset(name) } }, t("settings.reset"))));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      clear(form, error);
      const [input, why] = wrong() ?? [];
      if (why) {
        error.textContent = why;
        return point(form, input.dataset.field);
      }
      save.disabled = true;
      try {
        const answer = await api.put(`/settings/${name}`, { value: read(), revision });
        say("settings.saved", {}, { action: { label: t("settings.undo"), run: () => again(name, "undo", "settings.undone") } });
        made.board.show(answer);
      } catch (failure) {
        error.textContent = failure.message;
        point(form, failure.field);
      } finally {
        save.disabled = false;
      }
      return null;
    });
    return h("section", { class: "page-section settings-section", id: name },
      h("h2", {}, t(`settings.title.${name}`), changed && h("span", { class: "badge badge--info" }, t("settings.changed"))),
      h("p", { class: "small" }, changed && by ? t("settings.by", { name: by, when: dateTime(at) }) : t("settings.of_file")),
      problem && h("p", { class: "page-error", role: "alert" }, t("settings.problem")), form);
  };
  return made.root;
}

function drawn(name, value, data) {
  if (name === "opening_hours") return week(value, data.timezone);
  if (name === "holidays") return daysOff(value, data);
  if (name === "skills") return skills(value, data.topics);
  return numbers(value, data.numbers);
}

function clear(form, error) {
  error.textContent = "";
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

/** Where the server found the mistake: `mon.0`, `offer_deadline_seconds`, `2.label.en`. */
function point(form, where = "") {
  const inputs = [...form.querySelectorAll("[data-field]")];
  const found = inputs.find((input) => where === input.dataset.field) ?? inputs.find((input) => where.startsWith(`${input.dataset.field}.`));
  if (!found) return;
  found.setAttribute("aria-invalid", "true");
  found.focus();
}
