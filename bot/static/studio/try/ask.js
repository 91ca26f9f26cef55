// One question, asked with the draft and without it, side by side.

import { h } from "/static/desk/dom.js";
import { percent } from "/static/desk/format.js";
import { label, t } from "/static/desk/i18n.js";
import { unbroken } from "../articles/draft.js";
import { decided, TryPart } from "./part.js";

const SIGNALS = ["meaning", "nearest", "words", "letters", "wording"];
let count = 0;

export class TryAsk extends TryPart {
  #asked = 0;

  render() {
    const id = `try-question-${++count}`;
    this.field = h("input", { class: "input", id, type: "text", maxlength: "1000", autocomplete: "off", enterkeyhint: "send", list: `${id}-own`, prop: { value: this.kept.question ?? "" } });
    const own = (this.draft.form.questions ?? []).filter(Boolean).map((question) => h("option", { value: question }));
    this.button = h("button", { class: "button button--primary", type: "submit" }, t("try.ask.do"));
    this.frame("ask", h("form", { class: "try-form", on: { submit: (event) => this.#submit(event) } },
      h("label", { class: "visually-hidden", for: id }, t("try.ask.question")), this.field, h("datalist", { id: `${id}-own` }, own),
      this.#audiences(), this.button));
    this.field.placeholder = t("try.ask.example");
    this.listen(this.draft, "form", () => this.#draw());
    this.#draw();
  }

  /** For whom, where the article is written for some. */
  #audiences() {
    const names = (this.draft.form.audience ?? []).filter(Boolean);
    if (!names.length) return null;
    this.audience = h("select", { class: "input", "aria-label": t("try.ask.audience") }, h("option", { value: "" }, t("try.ask.anybody")), names.map((name) => h("option", { value: name }, name)));
    return this.audience;
  }

  #submit(event) {
    event.preventDefault();
    if (this.field.value.trim()) this.#ask();
    else this.field.focus();
  }

  async #ask() {
    const mine = ++this.#asked;
    const [form, question] = [this.form, this.field.value.trim()];
    this.kept.question = question;
    this.button.disabled = true;
    this.told.replaceChildren(h("p", { class: "page-note" }, t("try.ask.asking")));
    try {
      const found = await this.studio.api.post("/try", { form, question, locale: this.draft.locale, audience: this.audience?.value || null });
      if (mine !== this.#asked) return;
      this.kept.found = { form, found };
      this.#draw();
    } catch (error) {
      if (mine === this.#asked) this.failed(error);
    } finally {
      this.button.disabled = false;
    }
  }

  #draw() {
    if (!this.kept.found) return;
    const { form, found } = this.kept.found;
    const note = this.stale(form, () => this.#ask());
    const shown = found === this.shown ? [...this.told.children].filter((child) => child.matches(".try-sides")) : [this.#sides(found)];
    this.shown = found;
    this.told.replaceChildren(...[note, ...shown].filter(Boolean));
  }

  #sides(found) {
    return h("div", { class: "try-sides" }, ["with", "without"].map((name) => this.#side(name, found[name])));
  }

  #side(name, side) {
    const answers = side.decision === "abstain" ? t("try.ask.nearest") : "";
    return h("section", { class: `try-side try-side--${name}`, "aria-label": t(`try.ask.${name}`) },
      h("h3", {}, t(`try.ask.${name}`)), h("p", { class: "try-decision" }, decided(side)),
      side.results.length ? [answers && h("p", { class: "try-small" }, answers), h("ol", { class: "try-results" }, side.results.map(result))] : h("p", { class: "try-small" }, t("try.ask.nothing")));
  }
}

/** An article that was found, why, and what was measured. */
function result(one) {
  const meter = (name) => {
    const value = one.signals[name];
    const shown = value === null ? t("try.signal.unknown") : percent(Math.min(1, Math.max(0, value)));
    return [h("dt", {}, t(`try.signal.${name}`)), h("dd", {}, h("span", { class: "try-bar", "aria-hidden": "true" }, bar(value ?? 0)), shown)];
  };
  return h("li", { class: one.draft ? "try-result try-result--draft" : "try-result" },
    h("p", { class: "try-title" }, unbroken(one.title) || t("articles.untitled"), one.draft && h("span", { class: "badge badge--info" }, t("try.ask.draft"))),
    h("p", { class: "try-small try-matched" }, t("try.matched", { field: label("try.field", one.matched.field), text: one.matched.text })),
    one.shared.length > 0 && h("p", { class: "try-small" }, t("try.shared", { words: one.shared.join(", ") })),
    h("details", {}, h("summary", {}, t("try.why")), h("dl", { class: "try-signals" }, SIGNALS.map(meter))));
}

function bar(value) {
  const filled = h("span", {});
  filled.style.width = `${Math.round(Math.min(1, Math.max(0, value)) * 100)}%`;
  return filled;
}

customElements.define("try-ask", TryAsk);
