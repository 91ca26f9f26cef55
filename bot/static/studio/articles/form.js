// The fields of one article in one language, bound to its draft; what is wrong stands beneath each as one types.

import { h, icon } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";
import { label, t } from "/static/desk/i18n.js";
import { asText } from "./diff.js";
import { markdownBar } from "./markdown-bar.js";
import { RelatedField } from "./related.js";

const CHECK_MS = 450;
const MOST_SENTENCES = 3;
const sentencesOf = (text) => (text.trim() ? text.trim().split(/(?<=[.!?…])\s+(?=\S)/u).length : 0);
const list = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
let count = 0;

/** `draft`, `topics`, `studio`, `twin` (the other language's Draft or null): set before it is connected. */
export class ArticleForm extends DeskElement {
  #timer = 0;
  #asked = 0;

  render() {
    this.stem = `f${++count}`;
    this.fields = {};
    const { draft } = this;
    const title = h("input", { class: "input form-title", type: "text", maxlength: "200", autocomplete: "off", lang: draft.locale });
    const questions = this.#area("questions", 3);
    const answer = this.#area("answer", 3);
    const body = this.#area("body", 14);
    body.id = `${this.stem}-body`;
    const topic = h("select", { class: "input" }, h("option", { value: "" }, t("editor.topic.none")), this.topics.map((code) => h("option", { value: code }, label("topic", code))));
    const slug = h("input", { class: "input", type: "text", maxlength: "80", autocomplete: "off", spellcheck: "false" });
    const audience = h("input", { class: "input", type: "text", maxlength: "200", autocomplete: "off" });
    const review = h("input", { class: "input", type: "date" });
    this.counter = h("span", { class: "form-counter" });
    const related = Object.assign(new RelatedField(), { draft, studio: this.studio });
    this.append(
      this.#field("title", title),
      this.#field("questions", questions, { hint: t("editor.questions.hint"), read: () => list(questions.value) }),
      this.#field("answer", answer, { hint: t("editor.answer.hint"), beside: this.counter }),
      this.#field("body", body, { hint: t("editor.body.hint"), before: markdownBar(body, (file) => this.#picture(file)) }),
      h("div", { class: "form-row" }, this.#field("topic", topic), this.#field("review_by", review, { hint: t("editor.review_by.hint"), read: () => review.value || null })),
      this.#field("related", related, { read: () => related.value }),
      h("details", { class: "form-more" }, h("summary", {}, t("editor.more")),
        h("div", { class: "form-row" }, this.#field("slug", slug, { hint: t("editor.slug.hint") }), this.#field("audience", audience, { hint: t("editor.audience.hint"), read: () => audience.value.split(",").map((each) => each.trim()).filter(Boolean), show: (value) => (value ?? []).join(", ") }))));
    this.#show(true);
    this.listen(draft, "form", ({ detail }) => detail.by !== "writer" && this.#show());
    this.listen(draft, "form", () => this.#soon());
    this.listen(draft, "problems", () => this.#mark());
    this.#growAlong();
    this.#soon(0);
  }

  /** A narrower window breaks lines elsewhere. */
  #growAlong() {
    let width = 0;
    const seen = new ResizeObserver(() => {
      if (this.offsetWidth === width) return;
      width = this.offsetWidth;
      this.querySelectorAll(".form-area").forEach(grow);
    });
    seen.observe(this);
  }

  #area(name, rows) {
    const area = h("textarea", { class: `input form-area form-area--${name}`, rows: String(rows), lang: this.draft.locale, spellcheck: "true" });
    area.addEventListener("input", () => grow(area));
    return area;
  }

  /** A labelled field whose value goes into the draft; `read`, `show`: between the control and the form. */
  #field(name, control, { hint = "", before = null, beside = null, read = () => control.value, show = asText } = {}) {
    control.id ||= `${this.stem}-${name}`;
    const wrong = h("div", { class: "form-problems", id: `${control.id}-problems`, "aria-live": "polite" });
    const note = hint && h("p", { class: "field-hint", id: `${control.id}-hint` }, hint);
    const target = control.control ?? control;
    target.setAttribute("aria-describedby", [note && note.id, wrong.id].filter(Boolean).join(" "));
    control.addEventListener(control.localName === "related-field" ? "change" : "input", () => this.draft.set(name, read()));
    this.fields[name] = { control, target, wrong, show: control.localName === "related-field" ? null : show, read };
    const labelled = h("label", { for: control.localName === "related-field" ? `${control.id}-search` : control.id }, t(`editor.${name}`));
    // Of what is written at length one reads first what is meant; beside a short field nothing stands between it and its name.
    const isLong = control.localName === "textarea";
    return h("div", { class: `field form-field form-field--${name}` }, h("div", { class: "form-label" }, labelled, beside), isLong && note, before, control, !isLong && note, wrong);
  }

  /** What the draft says, without touching a field that says it already (the caret stays where it is). */
  #show() {
    for (const [name, { control, show, read }] of Object.entries(this.fields)) {
      if (!show) continue;
      const value = this.draft.form[name];
      if (asText(read()) === asText(value) && control.value) continue;
      if (control.value !== show(value)) control.value = show(value);
      if (control.localName === "textarea") requestAnimationFrame(() => grow(control));
    }
    this.#count();
  }

  async #picture(file) {
    const form = new FormData();
    form.append("file", file);
    try {
      return await this.studio.api.post("/pictures", form);
    } catch (error) {
      this.studio.say("editor.picture.failed", { name: file.name, reason: error.message }, { bad: true });
      return null;
    }
  }

  #count() {
    const sentences = sentencesOf(this.draft.form.answer ?? "");
    this.counter.textContent = t("editor.answer.count", { count: sentences, most: MOST_SENTENCES });
    this.counter.classList.toggle("form-counter--over", sentences > MOST_SENTENCES);
  }

  #soon(ms = CHECK_MS) {
    this.#count();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), ms);
  }

  async #check() {
    const mine = ++this.#asked;
    try {
      const found = await this.studio.api.post("/check", { form: this.draft.form });
      if (mine !== this.#asked || !this.isConnected) return;
      this.draft.checked = { ...this.draft.checked, ...found };
      this.draft.second = found.second ?? null;
      this.draft.dispatchEvent(new Event("problems"));
    } catch {
      // Saying what is wrong can wait: saving says it again, and publishing asks anew.
    }
  }

  #mark() {
    const { problems = [], duplicates = [] } = this.draft.checked ?? {};
    const all = problems.map((problem) => ({ ...problem, words: problemWords(problem) }));
    for (const [name, { target, wrong }] of Object.entries(this.fields)) {
      // Nobody is told off for what they have not come to: an article that was never kept shows what is wrong, not what is missing.
      const mine = all.filter(({ field, code }) => field.split(".")[0] === name && !(this.draft.isEmpty && /(?:_missing|_empty|^no_|^few_)/u.test(code ?? "")));
      const isBad = mine.some(({ severity }) => severity !== "warning");
      if (isBad) target.setAttribute("aria-invalid", "true");
      else target.removeAttribute("aria-invalid");
      const rows = mine.map(({ words, severity }) => h("p", { class: severity === "warning" ? "form-problem form-problem--warning" : "form-problem" }, icon("alert"), words));
      if (name === "title") rows.push(...duplicates.slice(0, 3).map((each) => duplicate(each)));
      wrong.replaceChildren(...rows);
    }
  }

  /** Where what is wrong begins. */
  focusFirstProblem() {
    const found = Object.values(this.fields).find(({ target }) => target.hasAttribute("aria-invalid"));
    found?.target.closest("details")?.setAttribute("open", "");
    found?.target.focus();
    return Boolean(found);
  }
}

const problemWords = ({ code, params = {}, message = "" }) => {
  const key = `problem.${code}`;
  const words = t(key, params ?? {});
  return words === key ? message || t("problem.other") : words;
};

function duplicate({ article_id, locale, title }) {
  return h("p", { class: "form-problem form-problem--warning" }, icon("alert"), h("span", {}, `${t("editor.duplicate")} `, h("a", { href: `/studio/articles/${encodeURIComponent(article_id)}?locale=${locale}`, target: "_blank" }, title)));
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.max(area.scrollHeight + 2, 0)}px`;
}

customElements.define("article-form", ArticleForm);
