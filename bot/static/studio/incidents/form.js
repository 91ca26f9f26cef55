// One incident, written in both languages, with what the customer will see beside it and a question to try.

import { field } from "/static/desk/dialog.js";
import { h, icon } from "/static/desk/dom.js";
import { label, locale, t } from "/static/desk/i18n.js";
import { STARTS } from "./starts.js";

const TOPICS = ["delivery", "orders", "returns", "refunds", "damaged", "guarantee", "payment", "account", "loyalty", "promotions", "products", "shops", "business", "contact"];
// As the customer reads it, whatever the language of whoever writes.
const USUAL = { fr: "Lire aussi\u00a0: la réponse habituelle", en: "Also read: the usual answer" };
const LONGEST = { answer: 1200, notice: 200, over: 600 };

// What was typed and not kept yet, `{id, form, revision}`: the page is drawn anew when another language is chosen, and what
// somebody else kept meanwhile is not what was written on.
let typed = null;
/** Waited for by whoever draws the page anew: a new one gets its address with it. */
export let saving = Promise.resolve();

/** Draw the page of `incident`, or of a new one. */
export function editor(page, incident) {
  const languages = page.studio.languages;
  const form = h("form", { class: "incident-form", novalidate: true });
  const idOf = (one) => one?.id ?? "new";
  const left = typed?.id === idOf(incident) ? typed : null;
  const state = { incident, revision: (left ?? incident)?.revision, changed: Boolean(left) };
  const preview = new Preview(languages, () => read(form, languages));
  const error = h("p", { class: "page-error", role: "alert", hidden: true });
  form.append(...fields(left?.form ?? incident?.form ?? beginning(languages), languages), error, foot(page, incident));
  form.addEventListener("input", () => {
    state.changed = true;
    typed = { id: idOf(state.incident), form: read(form, languages), revision: state.revision };
    preview.draw();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // Pressed twice it is saved once.
    if (!state.saving) saving = save(page, form, state, error, languages);
  });
  page.listen(window, "beforeunload", (event) => state.changed && event.preventDefault());
  const back = h("a", { class: "button", href: "/studio/incidents" }, t("incidents.back"));
  page.frame({ title: incident ? incident.form.name : t("incidents.prepare"), tools: [back] },
    incident?.run ? h("p", { class: "incident-live", role: "note" }, icon("alert"), t("incidents.is_live")) : null,
    h("div", { class: "incident-edit" }, form, h("div", { class: "incident-beside" }, preview.node, trying(page, () => read(form, languages), languages))));
  preview.draw();
}

/** What a new one begins with: one of the beginnings, or the topic of an alert. */
function beginning(languages) {
  const asked = new URLSearchParams(location.search);
  const start = STARTS[asked.get("start")]?.form;
  const empty = { name: "", topics: TOPICS.includes(asked.get("topic")) ? [asked.get("topic")] : [], phrases: {}, answer: {}, notice: {}, over: {} };
  return start ? { ...start, name: start.name[languages.includes(locale()) ? locale() : languages[0]] } : empty;
}

function fields(given, languages) {
  const topic = (value) => h("label", { class: "check" }, h("input", { type: "checkbox", name: "topics", value, checked: given.topics.includes(value) }), h("span", {}, label("topic", value)));
  const both = (key, hint, make) => h("fieldset", { class: "incident-both" }, h("legend", {}, t(`incidents.${key}`)), h("p", { class: "field-hint" }, hint), languages.map((language) => make(key, language)));
  const text = (rows) => (key, language) => field(t(`incidents.in_${language}`), h("textarea", { class: "input", name: `${key}.${language}`, rows: String(rows), maxlength: String(LONGEST[key]), lang: language, prop: { value: given[key]?.[language] ?? "" } }));
  const phrases = (key, language) => field(t(`incidents.in_${language}`), h("textarea", { class: "input", name: `phrases.${language}`, rows: "3", lang: language, prop: { value: (given.phrases?.[language] ?? []).join("\n") } }));
  return [
    field(t("incidents.name"), h("input", { class: "input", name: "name", maxlength: "120", value: given.name, autocomplete: "off" }), t("incidents.name_hint")),
    h("fieldset", { class: "checks incident-topics" }, h("legend", {}, t("incidents.topics")), h("p", { class: "field-hint" }, t("incidents.topics_hint")), TOPICS.map(topic)),
    both("phrases", t("incidents.phrases_hint"), phrases),
    both("answer", t("incidents.answer_hint"), text(5)),
    both("notice", t("incidents.notice_hint"), text(2)),
    both("over", t("incidents.over_hint"), text(2)),
  ];
}

const foot = (page, incident) => h("div", { class: "incident-actions" }, h("button", { class: "button button--primary", type: "submit" }, t("incidents.save")), !incident && h("span", { class: "incident-small" }, t("incidents.save_hint")));

function read(form, languages) {
  const given = new FormData(form);
  const texts = (key) => Object.fromEntries(languages.map((language) => [language, given.get(`${key}.${language}`) ?? ""]));
  const lines = Object.entries(texts("phrases")).map(([language, text]) => [language, text.split("\n").map((line) => line.trim()).filter(Boolean)]);
  return { name: given.get("name"), topics: given.getAll("topics"), phrases: Object.fromEntries(lines), answer: texts("answer"), notice: texts("notice"), over: texts("over") };
}

async function save(page, form, state, error, languages) {
  state.saving = true;
  const before = typed;
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  error.hidden = true;
  const body = { form: read(form, languages), revision: state.revision };
  const path = state.incident ? `/incidents/${encodeURIComponent(state.incident.id)}` : "/incidents";
  try {
    const { incident } = await (state.incident ? page.api.put(path, body) : page.api.post(path, body));
    // What was typed meanwhile waits for the next time.
    const isLevel = typed === before;
    Object.assign(state, { incident, revision: incident.revision, changed: !isLevel });
    typed = isLevel ? null : { ...typed, id: incident.id, revision: incident.revision };
    history.replaceState(null, "", `/studio/incidents/${encodeURIComponent(incident.id)}`);
    page.querySelector("h1").textContent = incident.form.name;
    page.studio.say("incidents.saved");
  } catch (failure) {
    error.textContent = failure.message;
    error.hidden = false;
    const wrong = form.querySelector(`[name="${CSS.escape(failure.field)}"]`);
    // Beside what is wrong, where the focus goes; what is wrong with all of it stands above the button.
    const beside = wrong && wrong.closest(".field, fieldset");
    if (beside) beside.append(error);
    else form.lastElementChild.before(error);
    wrong?.setAttribute("aria-invalid", "true");
    wrong?.focus();
  } finally {
    state.saving = false;
  }
}

/** The chat and the help centre, as the customer will see them. */
class Preview {
  #read;
  #language;

  constructor(languages, given) {
    this.#read = given;
    this.#language = languages.includes(locale()) ? locale() : languages[0];
    this.shown = h("div", { class: "incident-chat" });
    const tab = (language) => h("button", { class: "tab button button--small", type: "button", "aria-pressed": String(language === this.#language), on: { click: (event) => this.#choose(language, event.target) } }, t(`incidents.in_${language}`));
    this.tabs = h("div", { class: "incident-tabs" }, languages.map(tab));
    this.node = h("section", { class: "panel incident-preview", "aria-label": t("incidents.preview") }, h("div", { class: "incident-title" }, h("h2", {}, t("incidents.preview")), this.tabs), this.shown);
  }

  #choose(language, pressed) {
    this.#language = language;
    for (const tab of this.tabs.children) tab.setAttribute("aria-pressed", String(tab === pressed));
    this.draw();
  }

  draw() {
    const { answer, notice } = this.#read();
    const language = this.#language;
    this.shown.lang = language;
    this.shown.replaceChildren(
      h("p", { class: "incident-chat-notice" }, notice[language] || "…"),
      h("p", { class: "incident-bubble" }, answer[language] || "…"),
      h("p", { class: "incident-chat-choice" }, USUAL[language]));
  }
}

/** A question of a customer’s: would it get this first, and why. */
function trying(page, given, languages) {
  const said = h("p", { class: "incident-tried", role: "status" });
  const ask = h("input", { class: "input", name: "question", maxlength: "500", autocomplete: "off" });
  const language = h("select", { class: "input", name: "language" }, languages.map((code) => h("option", { value: code, selected: code === locale() }, t(`incidents.in_${code}`))));
  const send = async (event) => {
    event.preventDefault();
    if (!ask.value.trim()) return ask.focus();
    try {
      const found = await page.api.post("/incidents/try", { form: given(), question: ask.value, locale: language.value });
      said.textContent = t(`incidents.tried_${found.because ?? "no"}`, { title: found.ordinary?.title ?? "–" });
      said.dataset.look = found.in_front ? "yes" : "no";
    } catch (failure) {
      said.textContent = failure.message;
      said.dataset.look = "no";
    }
  };
  return h("form", { class: "panel incident-try", novalidate: true, on: { submit: send } },
    h("h2", {}, t("incidents.try")),
    field(t("incidents.try_question"), ask),
    h("div", { class: "incident-try-row" }, field(t("incidents.try_language"), language), h("button", { class: "button", type: "submit" }, t("incidents.try_ask"))),
    said);
}
