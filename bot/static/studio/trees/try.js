// The diagnosis as a customer has it: choices pressed or words typed, walked by the same code, over the tree as it is typed.

import { h, icon } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";
import { label, locale, t } from "/static/desk/i18n.js";
import { LANGUAGES } from "./form.js";

const SOON_MS = 500;
const OVER = ["repair", "human", "danger", "works", "does_not", "unfinished"];
// What was walked stays while another tab is looked at; by draft, and gone with it.
const kept = new WeakMap();

/** `draft`, `studio`: set before it is connected. Event `tried` (detail: the node's name) rises to the editor. */
export class TreeTry extends DeskElement {
  #call = 0;
  #timer = 0;

  render() {
    if (!kept.has(this.draft)) kept.set(this.draft, { steps: [], spoken: locale() });
    this.walk = kept.get(this.draft);
    this.languages = h("div", { class: "tabs", role: "group", "aria-label": t("trees.try.language") }, LANGUAGES.map((code) => h("button", { class: "button button--small tab", type: "button", data: { code }, on: { click: () => this.#speak(code) } }, label("language", code))));
    this.log = h("div", { class: "tree-log", role: "log", tabindex: "0", "aria-label": t("trees.try.log") });
    this.choices = h("div", { class: "tree-answers", role: "group", "aria-label": t("trees.try.choices") });
    this.field = h("input", { class: "input", type: "text", maxlength: "500", autocomplete: "off", enterkeyhint: "send", "aria-label": t("trees.try.words"), placeholder: t("trees.try.words") });
    this.send = h("button", { class: "icon-button tree-send", type: "submit", "aria-label": t("trees.try.send"), title: t("trees.try.send") }, icon("send"));
    this.back = h("button", { class: "button button--small", type: "button", on: { click: () => this.#go(this.walk.steps.slice(0, -1)) } }, icon("back"), t("trees.try.back"));
    this.again = h("button", { class: "button button--small", type: "button", on: { click: () => this.#go([]) } }, t("trees.try.again"));
    const form = h("form", { class: "tree-say", on: { submit: (event) => this.#typed(event) } }, this.field, this.send);
    this.replaceChildren(h("p", { class: "try-lead" }, t("trees.try.lead")), h("div", { class: "tree-bar" }, this.languages, h("div", { class: "tree-steps" }, this.back, this.again)), h("div", { class: "tree-chat" }, this.log, this.choices, form));
    this.listen(this.draft, "form", () => this.#soon());
    this.#ask();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    super.disconnectedCallback();
  }

  #speak(code) {
    this.walk.spoken = code;
    this.#ask();
  }

  async #typed(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text || this.field.disabled) return;
    this.field.value = "";
    if (!(await this.#go([...this.walk.steps, { text }]))) this.field.value ||= text;
  }

  async #go(steps) {
    const hadFocus = this.contains(document.activeElement) && !this.field.matches(":focus");
    const before = this.walk.steps;
    this.walk.steps = steps;
    // What is on the way is answered first: a second press would be meant for the question that is there now.
    this.#wait(true);
    const isAnswered = await this.#ask();
    // What met no answer was not said: it can be pressed, or sent, again.
    if (!isAnswered) this.walk.steps = before;
    this.#wait(false);
    if (hadFocus && !this.contains(document.activeElement)) (this.choices.querySelector("button") ?? this.again).focus();
    return isAnswered;
  }

  #wait(isOn) {
    for (const button of this.choices.children) button.disabled = isOn;
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), SOON_MS);
  }

  /** Whether it was answered, or need not be any more. */
  async #ask() {
    const mine = ++this.#call;
    const { steps, spoken } = this.walk;
    for (const button of this.languages.children) button.setAttribute("aria-pressed", String(button.dataset.code === spoken));
    try {
      const found = await this.studio.api.post("/trees/try", { form: this.draft.form, locale: spoken, steps });
      if (mine !== this.#call || !this.isConnected) return true;
      // A button that is there no more was not pressed, nor what came after it.
      const lost = found.path.findIndex(({ understood }, place) => !understood && "choice" in steps[place]);
      if (lost >= 0) this.walk.steps = steps.slice(0, lost);
      if (lost >= 0) return this.#ask();
      this.#draw(found);
    } catch (error) {
      if (mine !== this.#call || !this.isConnected) return true;
      this.#write([...this.log.querySelectorAll(":scope > :not(.page-error)"), h("p", { class: "page-error", role: "alert" }, error.message)]);
      return false;
    }
    return true;
  }

  /** What stands in the log as it was is left alone: only what is new is read aloud. */
  #write(rows) {
    const there = [...this.log.children];
    if (there.length === rows.length && rows.every((row, place) => row.isEqualNode(there[place]))) return;
    for (const [place, row] of rows.entries()) {
      if (!there[place]) this.log.append(row);
      else if (!row.isEqualNode(there[place])) there[place].replaceWith(row);
    }
    for (const old of there.slice(rows.length)) old.remove();
    this.log.scrollTop = this.log.scrollHeight;
  }

  #draw({ path, now, used }) {
    const { spoken } = this.walk;
    this.walk.steps = this.walk.steps.slice(0, used);
    const says = (text) => h("p", { class: "tree-bubble", lang: spoken }, text || t("trees.try.empty"));
    const note = (words) => h("p", { class: "tree-note" }, words);
    const walked = path.flatMap(({ say, said, understood, doubted }) => [says(say), h("p", { class: "tree-bubble tree-bubble--mine", lang: spoken }, said), !understood && note(t("trees.try.lost")), doubted && note(t("trees.try.doubted"))].filter(Boolean));
    const last = ["works", "does_not", "unfinished"].includes(now.kind) || (now.kind === "danger" && !now.text) ? [] : [says(now.text)];
    const asks = now.kind === "fix" ? [note(t("trees.try.fix"))] : [];
    const over = OVER.includes(now.kind) ? [h("p", { class: `tree-over tree-over--${now.kind}` }, t(`trees.over.${now.kind}`, { name: path.at(-1)?.danger ?? "" }))] : [];
    this.#write([...walked, ...last, ...asks, ...over]);
    this.choices.replaceChildren(...now.choices.map(({ label: words, next }, number) => h("button", { class: "button tree-answer", type: "button", lang: spoken, on: { click: () => this.#go([...this.walk.steps, now.kind === "question" ? { choice: next, number, label: words } : { choice: next }]) } }, words || t("trees.try.empty"))));
    this.choices.hidden = !now.choices.length;
    this.field.disabled = OVER.includes(now.kind);
    this.send.disabled = this.field.disabled;
    this.back.disabled = this.again.disabled = !path.length;
    // Nobody tries yet who has answered nothing.
    this.dispatchEvent(new CustomEvent("tried", { detail: path.length ? now.node : "", bubbles: true }));
  }
}

customElements.define("tree-try", TreeTry);
