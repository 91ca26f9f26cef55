// The proper field for what is asked: a date and an hour, a telephone number, an address, an order, a code, a picture.
// What one fills in leaves as an ordinary message; whoever prefers to write a sentence still may.
import { h, icon } from "../dom.js";
import { prepare } from "./parts.js";

const FIELDS = {
  phone: { type: "tel", autocomplete: "tel", inputMode: "tel", pattern: "[+0-9][0-9 .\\(\\)\\-]{7,}", maxLength: 30 },
  email: { type: "email", autocomplete: "email", inputMode: "email", maxLength: 254 },
  order_number: { type: "text", autocapitalize: "characters", spellcheck: false, maxLength: 30, pattern: ".*\\d{4,}.*" },
  code: { type: "text", autocomplete: "one-time-code", inputMode: "numeric", pattern: "\\s*(\\d\\s*){6}", maxLength: 12 },
};
const STEP_SECONDS = 900;

/** The form for `message.input` in `place`. */
export async function fillForm(view, place, message) {
  const say = await prepare(view);
  const { input: kind } = message;
  if (kind === "picture") {
    place.append(h("button", { type: "button", class: "choice", on: { click: () => view.picker.click() } }, icon("clip", 18), say("choose_picture")));
    return;
  }
  const fields = kind === "moment" ? moment(say) : [labelled(say(`field_${kind}`), h("input", { ...FIELDS[kind], required: true }))];
  const problem = h("p", { class: "problem", role: "alert", id: `relais-problem-${message.id}` });
  const send = h("button", { type: "submit", class: "solid" }, say("form_send"));
  const form = h("form", { class: "fields", noValidate: true, aria: { label: message.text.slice(0, 120) } }, ...fields, problem, send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = [...form.querySelectorAll("input")].find((input) => !input.checkValidity());
    for (const input of form.querySelectorAll("input")) describe(input, input === wrong ? problem.id : null);
    problem.textContent = wrong ? say(`wrong_${wrong.type === "date" || wrong.type === "time" ? wrong.type : kind}`) : "";
    if (wrong) return wrong.focus();
    const said = kind === "moment" ? written(form) : form.querySelector("input").value.trim();
    place.hidden = true;
    view.conversation.say(said);
    view.input.focus();
  });
  place.append(form);
  view.toEnd();
}

function describe(input, problem) {
  input.setAttribute("aria-invalid", String(Boolean(problem)));
  if (problem) input.setAttribute("aria-describedby", problem);
  else input.removeAttribute("aria-describedby");
}

function labelled(text, input) {
  return h("label", {}, text, input);
}

function moment(say) {
  const today = new Date();
  const day = new Date(today.getTime() - today.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  const date = labelled(say("field_date"), h("input", { type: "date", min: day, required: true }));
  const time = labelled(say("field_time"), h("input", { type: "time", step: String(STEP_SECONDS), required: true }));
  return [h("div", { class: "pair-of-fields" }, date, time)];
}

// Day first, in both languages: as the service reads it.
function written(form) {
  const [year, month, day] = form.querySelector("[type=date]").value.split("-");
  return `${day}/${month}/${year} ${form.querySelector("[type=time]").value}`;
}
