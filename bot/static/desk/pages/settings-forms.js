// The forms of the settings page. Each gives `{node, read}`: what is shown, and the value as service.yml would have it.

import { field } from "../dialog.js";
import { h, icon } from "../dom.js";
import { date } from "../format.js";
import { label, locale, t } from "../i18n.js";
import { choice } from "./kit.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The spans of each day, as text: `09:00-12:30, 14:00-18:00`; nothing is a day off. */
export function week(value, timezone) {
  const inputs = Object.fromEntries(DAYS.map((day) => [day, h("input", { class: "input", type: "text", inputmode: "text", autocomplete: "off", value: (value[day] ?? []).join(", "), placeholder: t("settings.closed"), data: { field: day } })]));
  const fields = DAYS.map((day) => checked(inputs[day], field(t(`settings.day.${day}`), inputs[day])));
  const node = h("div", {}, h("p", { class: "small" }, t("settings.hours_how", { timezone, example: "09:00-12:30, 14:00-18:00" })), h("div", { class: "settings-week" }, fields));
  const wrong = () => DAYS.map((day) => [inputs[day], wrongIn(inputs[day].value)]).find(([, why]) => why);
  return { node, wrong, read: () => Object.fromEntries(DAYS.map((day) => [day, spansOf(inputs[day].value)])) };
}

const spansOf = (text) => text.split(/[,;]/).map((span) => span.replace(/\s/g, "").replace(/[–—]/g, "-")).filter(Boolean);

/** What is wrong with the spans of a day, in a sentence; nothing when they can be used. */
function wrongIn(text) {
  let last = "";
  for (const span of spansOf(text)) {
    const [, start, end] = span.match(/^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)$/) ?? [];
    if (!start) return t("settings.hours.form", { span, example: "09:00-12:30" });
    if (end !== "00:00" && end <= start) return t("settings.hours.ends", { span });
    if (start < last) return t("settings.hours.overlap", { span });
    last = end === "00:00" ? "24:00" : end;
  }
  return "";
}

/** A field that says what is wrong with it as one types, once one has paused. */
function checked(input, node) {
  const error = h("p", { class: "field-error", id: `${input.id}-error`, "aria-live": "polite" });
  input.setAttribute("aria-describedby", error.id);
  let timer = null;
  const tell = () => {
    error.textContent = wrongIn(input.value);
    if (error.textContent) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(tell, 500); // not on leaving the field: what moves then is the button about to be pressed
  });
  node.append(error);
  return node;
}

/** Days off of one's own, added and taken away; the country's are shown. */
export function daysOff(value, { public_holidays: known, countries }) {
  const days = [...value.extra_closed];
  const list = h("ul", { class: "settings-days" });
  const draw = () => list.replaceChildren(...days.map((day, place) => h("li", {}, h("span", {}, date(`${day}T12:00:00Z`)), h("button", { class: "icon-button", type: "button", "aria-label": t("settings.take_away", { day: date(`${day}T12:00:00Z`) }), data: { field: `extra_closed.${place}` }, on: { click: () => take(day) } }, icon("close")))));
  const take = (day) => {
    days.splice(days.indexOf(day), 1);
    draw();
    input.focus();
  };
  const input = h("input", { class: "input", type: "date" });
  const add = () => {
    if (!input.value || days.includes(input.value)) return;
    days.push(input.value);
    days.sort();
    input.value = "";
    draw();
  };
  draw();
  const names = new Intl.DisplayNames(locale(), { type: "region" });
  const named = countries.map((code) => [code, names.of(code) ?? code]).sort(([, one], [, other]) => one.localeCompare(other, locale()));
  const country = choice("country", named, value.country, { data: { field: "country" } });
  const node = h("div", {},
    field(t("settings.country"), country),
    h("details", { class: "settings-known" }, h("summary", {}, t("settings.public", { country: names.of(value.country) ?? value.country, count: known.length })), h("ul", {}, known.map((one) => h("li", {}, `${date(`${one.date}T12:00:00Z`)} · ${one.name}`)))),
    list, h("div", { class: "settings-add" }, field(t("settings.add_day"), input), h("button", { class: "button", type: "button", on: { click: add } }, t("settings.add"))));
  return { node, read: () => {
    add();
    return { country: country.value, extra_closed: days };
  } };
}

/** Labels of each skill, new ones, and which of them takes each topic. */
export function skills(value, topics) {
  const rows = value.map((skill) => ({ ...skill, label: { ...skill.label } }));
  const holder = Object.fromEntries(topics.map((topic) => [topic, value.find((skill) => skill.topics.includes(topic))?.name]));
  const node = h("div", {});
  const draw = () => node.replaceChildren(named(), h("h3", {}, t("settings.topics")), h("div", { class: "settings-week" }, topics.map(given)));
  const named = () => h("div", { class: "settings-skills" }, rows.map(row), h("button", { class: "button button--small", type: "button", on: { click: add } }, t("settings.add_skill")));
  const row = (skill, place) => h("div", { class: "settings-skill" },
    field(t("settings.skill_name"), h("input", { class: "input", value: skill.name, readonly: value.some((one) => one.name === skill.name), maxlength: "32", autocomplete: "off", data: { field: `${place}.name` }, on: { change: (event) => rename(skill, event.target.value) } })),
    ...["fr", "en"].map((code) => field(t(`language.${code}`), h("input", { class: "input", value: skill.label[code], maxlength: "60", autocomplete: "off", data: { field: `${place}.label.${code}` }, on: { input: (event) => { skill.label[code] = event.target.value; } } }))),
    field(t("settings.overflow"), overflow(skill, place)),
    h("button", { class: "icon-button", type: "button", "aria-label": t("settings.take_away", { day: skill.label.fr || skill.name }), on: { click: () => drop(skill) } }, icon("close")));
  const given = (topic) => {
    const select = choice("", rows.map((skill) => [skill.name, skill.name]), holder[topic], { data: { field: `topic.${topic}` } });
    if (!rows.some((skill) => skill.name === holder[topic])) select.selectedIndex = -1;
    select.addEventListener("change", () => { holder[topic] = select.value; });
    return field(label("topic", topic), select);
  };
  const rename = (skill, name) => {
    skill.name = name.trim();
    draw();
  };
  const add = () => {
    rows.push({ name: "", label: { fr: "", en: "" }, topics: [] });
    draw();
    node.querySelector(`[data-field="${rows.length - 1}.name"]`)?.focus();
  };
  const drop = (skill) => {
    rows.splice(rows.indexOf(skill), 1);
    draw();
  };
  draw();
  return { node, read: () => rows.map((skill) => ({ name: skill.name, label: skill.label, topics: topics.filter((topic) => holder[topic] === skill.name), overflow: skill.overflow ?? null })) };
}

const RULES = ["another_skill", "call_back", "shop"];
const SETS = [[], ...RULES.map((rule) => [rule]), ["another_skill", "call_back"], ["another_skill", "shop"], ["call_back", "shop"], RULES];

/** What is done when nobody with a skill can come: as everywhere, nothing, or these in their order. */
function overflow(skill, place) {
  const own = skill.overflow && !SETS.some((rules) => rules.join() === skill.overflow.join()) ? [skill.overflow] : [];
  const options = [...SETS, ...own].map((rules) => [rules.join(), rules.length ? rules.map((rule) => t(`settings.overflow.${rule}`)).join(", ") : t("settings.overflow.wait")]);
  const select = choice("", [["all", t("settings.overflow.all")], ...options], skill.overflow ? skill.overflow.join() : "all", { data: { field: `${place}.overflow` } });
  select.addEventListener("change", () => { skill.overflow = select.value === "all" ? null : select.value.split(",").filter(Boolean); });
  return select;
}

/** Thresholds, each with what it may be. */
export function numbers(value, limits) {
  const inputs = Object.fromEntries(Object.entries(limits).map(([name, { least, most }]) => [name, h("input", { class: "input", type: "number", min: least, max: most, value: value[name], data: { field: name } })]));
  const node = h("div", { class: "settings-week" }, Object.entries(inputs).map(([name, input]) => field(label("setting", name), input, t("settings.between", limits[name]))));
  return { node, read: () => Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value === "" ? null : Number(input.value)])) };
}
