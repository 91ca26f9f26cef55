// What the editors of articles and of guided diagnoses have in common: the head of the page, and keeping when one leaves.

import { h, icon } from "/static/desk/dom.js";
import { time } from "/static/desk/format.js";
import { t } from "/static/desk/i18n.js";
import { remembered } from "/static/desk/memory.js";
import { unbroken } from "./articles/draft.js";
import { stateOf, StepMenu } from "./articles/steps.js";
import { StudioPage } from "./page.js";

const UNDO_MS = 20_000;

// What the page before this one still had to send: the same text, where another language was chosen.
let sending = Promise.resolve();

/**
 * The base of a page where something is written. It has a `draft`, the open one, `everyDraft`, all that may wait to be sent,
 * `take(step)`, `act(work, said)`, which keeps what is being written first, and `show(name)` of what stands beside it.
 */
export class WritingPage extends StudioPage {
  #asked = 0;

  disconnectedCallback() {
    sending = this.#flush();
    super.disconnectedCallback();
  }

  #flush() {
    return Promise.allSettled(this.everyDraft.map((draft) => draft.flush()));
  }

  /** What is kept at `path`, with all that was typed before; null where only this browser has kept anything, under one of `keys`. */
  async read(path, keys) {
    await sending;
    try {
      return await this.api.get(path);
    } catch (error) {
      if (error.status !== 404 || !keys.some((key) => remembered(key)?.form)) throw error;
      return null;
    }
  }

  /** What could not be read, with a way back to the list. */
  unread(error, title, { href, words }) {
    this.frame({ title }, h("p", { class: "page-error", role: "alert" }, error.message), h("p", {}, h("a", { href }, words)));
  }

  /** The parts of the head, each found under its name from now on. */
  makeHead() {
    this.classList.add("editor");
    this.title_ = h("h1", { class: "editor-title", tabindex: "-1" });
    this.status = h("span", { class: "editor-status", role: "status" });
    this.badge = h("span", {});
    this.buttons = h("div", { class: "editor-buttons" });
    this.strip = h("div", { class: "editor-strip" });
    this.tabs = h("div", { class: "editor-tabs", role: "tablist" });
    this.panel = h("div", { class: "editor-panel", role: "tabpanel", id: "panel", tabindex: "-1" });
  }

  /** The head itself; what is beside the form stays in view beneath it. */
  headOf({ list, words }, line, ...below) {
    const head = h("div", { class: "editor-head" }, h("a", { class: "editor-back", href: list }, icon("back"), words), h("div", { class: "editor-line" }, ...line), ...below);
    new ResizeObserver(() => this.style.setProperty("--head", `${head.offsetHeight}px`)).observe(head);
    return head;
  }

  /** Nothing that was typed is lost when the page is left; Ctrl+S keeps it at once. */
  keepOnLeaving() {
    this.listen(window, "pagehide", () => {
      this.api.leaving = true;
      this.#flush();
    });
    this.listen(window, "pageshow", () => (this.api.leaving = false));
    this.listen(document, "keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      this.draft.flush().catch(() => {});
    });
  }

  tellHead(title) {
    const { draft } = this;
    this.title_.textContent = unbroken(title) || t("articles.untitled");
    document.title = `${this.title_.textContent} · Relais`;
    const words = this.savedWords(draft);
    if (this.status.textContent !== words) this.status.textContent = words;
    this.status.dataset.status = draft.status;
    const [tone, state] = stateOf(draft);
    this.badge.className = `badge badge--${tone}`;
    this.badge.textContent = state;
  }

  /** How far what was typed has come. */
  savedWords(draft) {
    if (draft.status === "saved") return t("articles.status.saved", { time: time(draft.savedAt.toISOString()) });
    if (draft.status === "failed") return draft.error.retryable ? t("articles.status.waiting") : t("articles.status.refused", { reason: draft.error.message });
    return draft.status === "clean" ? "" : t(`articles.status.${draft.status}`);
  }

  /** The step to take next in front, one beside it, the others in a menu. Left as they are while nothing changes: one of them may be in focus. */
  tellSteps({ strong, pair, menu }) {
    const signature = JSON.stringify([this.draft.locale, strong, pair, menu]);
    if (this.buttons.dataset.steps === signature) return;
    this.buttons.dataset.steps = signature;
    const press = (step, isStrong) => h("button", { class: `button${isStrong ? " button--primary" : ""}`, type: "button", on: { click: () => this.take(step) } }, t(`articles.step.${step}`));
    const hadFocus = this.buttons.contains(document.activeElement);
    this.buttons.replaceChildren(...[pair && press(pair), strong && press(strong, true), menu.length > 0 && Object.assign(new StepMenu(), { steps: menu, run: (step) => this.take(step) })].filter(Boolean));
    // Who pressed one of them by a key is still there.
    if (hadFocus) (this.buttons.querySelector("button") ?? this.title_).focus();
  }

  /** Rows of `[icon, words, {words, run}?]`: what has to be known before anything else. */
  tellStrip(rows) {
    const signature = JSON.stringify(rows);
    if (signature === this.shownStrip) return;
    this.shownStrip = signature;
    this.strip.replaceChildren(...rows.map(([drawn, words, action]) => h("p", { class: "editor-notice" }, icon(drawn), h("span", {}, words), action && h("button", { class: "button button--small", type: "button", on: { click: action.run } }, action.words))));
  }

  /** The tabs of what stands beside the form; arrows, Home and End go along them. `words(name)` is what one says. */
  tellTabs(names, chosen, words) {
    const tab = (name) => h("button", { class: "editor-tab", type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(name === chosen), "aria-controls": "panel", tabindex: name === chosen ? "0" : "-1", on: { click: () => this.#choose(name) } }, words(name));
    const hadFocus = this.tabs.contains(document.activeElement);
    this.tabs.replaceChildren(...names.map(tab));
    // Drawn anew beneath somebody's fingers: the next arrow goes on from here.
    if (hadFocus) this.#chosenTab.focus();
    this.tabs.onkeydown = (event) => {
      const at = names.indexOf(chosen);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      this.#choose(names[(next + names.length) % names.length]);
    };
    this.panel.setAttribute("aria-labelledby", `tab-${chosen}`);
  }

  /** What it shows may take its time; the tab is chosen at once. */
  #choose(name) {
    this.show(name);
    this.#chosenTab.focus();
  }

  get #chosenTab() {
    return this.tabs.querySelector("[aria-selected=true]");
  }

  /** What `ask` is told; asked again when something was kept meanwhile: what was told is from before that. Null when somebody asks anew. */
  async now(ask) {
    const mine = ++this.#asked;
    for (;;) {
      const kept = this.everyDraft.map((draft) => draft.revision);
      const found = await ask();
      if (mine !== this.#asked) return null;
      if (this.everyDraft.every((draft, place) => draft.revision === kept[place])) return found;
    }
  }

  /** `words` of what was done, and for a while the way to take it back. */
  sayUndoable(words, undo) {
    this.studio.say(words, {}, { action: { label: t("studio.undo"), run: () => this.act(undo, "studio.undone") }, stays: UNDO_MS });
  }

  /** Out of what customers see, or back, each undone by the other. `path`: of the article or the tree. */
  async putAway(path, step, said) {
    const other = step === "archive" ? "unarchive" : "archive";
    if (await this.act(() => this.api.post(`${path}/${step}`))) this.sayUndoable(said, () => this.api.post(`${path}/${other}`));
  }
}
