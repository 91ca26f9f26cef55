// The forms of the settings page. Each gives `{node, read}`: what is shown, and the value as service.yml would have it.

import { field } from "../dialog.js";
import { h, icon } from "../dom.js";
import { date } from "../format.js";
import { label, t } from "../i18n.js";
import { choice } from "./kit.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The spans of each day, as text: `09:00-12:30, 14:00-18:00`; nothing is a day off. */
export function week(value, timezone) {
  const inputs = Object.fromEntries(DAYS.map((day) => [day, h("input", { class: "input", type: "text", inputmode: "text", autocomplete: "off", value: (value[day] ?? []).join(", "), placeholder: t("settings.closed"), data: { field: day } })]));
  const node = h("div", {}, h("p", { class: "small" }, t("settings.hours_how", { timezone, example: "09:00-12:30, 14:00-18:00" })), h("div", { class: "settings-week" }, DAYS.map((day) => field(t(`settings.day.${day}`), inputs[day]))));
  return { node, read: () => Object.fromEntries(DAYS.map((day) => [day, inputs[day].value.split(/[,;]/).map((span) => span.replace(/\s/g, "").replace(/[–—]/g, "-")).filter(Boolean)])) };
}

/** Days off of one's own, added and taken away; the country's are shown. */
export function daysOff(value, { public_holidays: known, country }) {
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
  const node = h("div", {},
    h("details", { class: "settings-known" }, h("summary", {}, t("settings.public", { country, count: known.length })), h("ul", {}, known.map((one) => h("li", {}, `${date(`${one.date}T12:00:00Z`)} · ${one.name}`)))),
    list, h("div", { class: "settings-add" }, field(t("settings.add_day"), input), h("button", { class: "button", type: "button", on: { click: add } }, t("settings.add"))));
  return { node, read: () => {
    add();
    return { extra_closed: days };
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
  return { node, read: () => rows.map((skill) => ({ name: skill.name, label: skill.label, topics: topics.filter((topic) => holder[topic] === skill.name) })) };
}

/** Thresholds, each with what it may be. */
export function numbers(value, limits) {
  const inputs = Object.fromEntries(Object.entries(limits).map(([name, { least, most }]) => [name, h("input", { class: "input", type: "number", min: least, max: most, value: value[name], data: { field: name } })]));
  const node = h("div", { class: "settings-week" }, Object.entries(inputs).map(([name, input]) => field(label("setting", name), input, t("settings.between", limits[name]))));
  return { node, read: () => Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value === "" ? null : Number(input.value)])) };
}
