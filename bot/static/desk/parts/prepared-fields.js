// The fields of a prepared task: one control for each kind of step, and what it holds now.

import { h } from "../dom.js";
import { locale, t } from "../i18n.js";

const both = (words) => words?.[locale()] ?? words?.fr ?? "";
const INPUT = { email: "email", phone: "tel", moment: "datetime-local" };
const LONG = ["description", "symptom"];
const PARTS = ["name", "line1", "line2", "postcode", "city", "country"];
const COMPLETES = { name: "off", line1: "off", line2: "off", postcode: "off", city: "off" };

/** One field: label, control, what the assistant would have asked, the error. `marked`: here the task failed. */
export function fieldNode(field, marked) {
  const id = `prepared-${field.name}`;
  const hint = !field.error && field.question && h("p", { class: "field-hint", id: `${id}-hint` }, t("prepared.asks", { question: both(field.question) }));
  const error = field.error && h("p", { class: "field-error", id: `${id}-error` }, both(field.error));
  const describedby = error ? `${id}-error` : hint ? `${id}-hint` : null;
  const node = h("div", { class: "field prepared-field", data: { field: field.name } });
  const control = CONTROLS[field.kind]?.(field, { id, "aria-describedby": describedby, "aria-invalid": error ? "true" : null }) ?? text(field, { id });
  const grouped = control.tagName === "FIELDSET" || control.tagName === "DIV";
  const name = [both(field.label), !field.required && h("span", { class: "field-hint" }, ` ${t("prepared.optional")}`), marked && h("span", { class: "badge badge--bad prepared-failed" }, t("prepared.failed_here"))];
  if (grouped) control.prepend(h("legend", {}, name));
  node.append(...(grouped ? [] : [h("label", { for: id }, name)]), field.needs_proof ? h("p", { class: "field-hint" }, t("prepared.field_needs_proof")) : control, ...[hint, error].filter(Boolean));
  return node;
}

/** What the control of a field holds. */
export function valueOf(node, field) {
  const all = (selector) => [...node.querySelectorAll(selector)];
  if (field.kind === "items" || field.kind === "photos") return all("input:checked").map((box) => box.value);
  if (field.kind === "address") return Object.fromEntries(all("[data-part]").map((input) => [input.dataset.part, input.value]));
  if (field.kind === "item") return all("select").map((each) => each.value).filter(Boolean);
  if (field.kind === "diagnosis") return all("select").map((each) => each.value);
  return node.querySelector("input, select, textarea")?.value ?? "";
}

function text(field, props) {
  if (LONG.includes(field.name)) {
    const area = h("textarea", { class: "input", rows: "3", maxlength: "1000", ...props });
    area.value = field.value ?? "";
    return area;
  }
  return h("input", { class: "input", type: INPUT[field.kind] ?? "text", maxlength: "200", autocomplete: "off", value: plain(field), ...props });
}

/** A moment is kept with its zone; the control wants the hour where the company is, as it was typed. */
const plain = (field) => (field.kind === "moment" ? String(field.value ?? "").slice(0, 16) : (field.value ?? ""));

function select(field, props, value = field.value) {
  const options = [...(field.choices ?? [])];
  if (value && !options.some((each) => each.value === value)) options.push({ value, title: { fr: value, en: value } });
  return h("select", { class: "input", ...props },
    h("option", { value: "" }, t("prepared.choose")),
    options.map((each) => h("option", { value: each.value, selected: each.value === value }, both(each.title))));
}

const order = (field, props) => (field.choices?.length ? select(field, props) : text(field, { ...props, placeholder: "MA-104233", spellcheck: "false" }));

const quantity = (field, props) => h("input", { class: "input prepared-number", type: "number", min: String(field.least ?? 1), max: String(field.most ?? 99), value: field.value ?? "", ...props });

function boxes(field, props) {
  const given = field.value ?? [];
  return h("fieldset", { class: "picks", ...props },
    field.choices?.length ? field.choices.map((each) => h("label", { class: "pick" }, h("input", { type: "checkbox", value: each.value, checked: given.includes(each.value) }), both(each.title))) : h("p", { class: "field-hint" }, t(`prepared.none.${field.kind}`)));
}

function address(field, props) {
  const given = field.value ?? {};
  const part = (name) => {
    const id = `${props.id}-${name}`;
    const input = name === "country"
      ? h("select", { class: "input", id, data: { part: name } }, ["FR", "BE", "LU"].map((code) => h("option", { value: code, selected: (given.country || "FR") === code }, t(`prepared.country.${code}`))))
      : h("input", { class: "input", id, type: "text", maxlength: "120", autocomplete: COMPLETES[name], value: given[name] ?? "", data: { part: name } });
    return h("div", { class: `field prepared-part prepared-part--${name}` }, h("label", { for: id }, t(`prepared.part.${name}`)), input);
  };
  return h("fieldset", { class: "prepared-address", ...props }, PARTS.map(part));
}

/** Each question met so far; an answer changed takes away those after it. */
function diagnosis(field, props) {
  if (!field.path?.length) return h("p", { class: "field-hint", ...props }, t("prepared.choose_first"));
  return h("fieldset", { class: "prepared-path", ...props }, field.path.map((asked, place) => {
    const id = `${props.id}-${place}`;
    return h("div", { class: "field" }, h("label", { for: id }, both(asked.question)), select(asked, { id }, asked.value));
  }));
}

const CONTROLS = { choice: select, tree: select, order, quantity, items: boxes, photos: boxes, address, diagnosis, item: (field, props) => select(field, props, field.value?.[0]) };
