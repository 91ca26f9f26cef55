// One guided diagnosis: its outline, what is beside it, and the steps towards customers being led through it.

import { openDialog } from "/static/desk/dialog.js";
import { h, icon } from "/static/desk/dom.js";
import { time } from "/static/desk/format.js";
import { t } from "/static/desk/i18n.js";
import { remember, remembered } from "/static/desk/memory.js";
import { nameOf, slugOf, unbroken } from "../articles/draft.js";
import { askFor, stateOf, StepMenu, stepsOf } from "../articles/steps.js";
import { StudioPage } from "../page.js";
import { TreeDraft } from "./draft.js";
import { differing, inMine } from "./form.js";
import { TreeHistory } from "./history.js";
import { TreeOutline } from "./outline.js";
import { TreeTry } from "./try.js";

const PANEL_KEY = "relais.studio.trees.panel";
const PANELS = { try: TreeTry, history: TreeHistory };
const UNDO_MS = 20_000;
// What articles have and trees do not.
const NOT_HERE = ["page", "schedule", "unschedule", ""];

export class TreeEditor extends StudioPage {
  async render() {
    const [wanted] = this.studio.rest;
    this.isNew = wanted === "new";
    this.frame({ title: t("trees.one") }, h("p", { class: "page-note" }, t("page.loading")));
    try {
      const whole = this.isNew ? null : await this.api.get(`/trees/${encodeURIComponent(wanted)}`);
      this.draft = new TreeDraft(this.api, wanted, whole, this.studio.me.id);
    } catch (error) {
      this.frame({ title: t("trees.one") }, h("p", { class: "page-error", role: "alert" }, error.message), h("p", {}, h("a", { href: "/studio/trees" }, t("trees.back"))));
      return;
    }
    if (!this.isConnected) return;
    this.#build();
    this.listen(window, "pagehide", () => this.#leave());
    this.listen(window, "pageshow", () => (this.api.leaving = false));
    this.listen(document, "keydown", (event) => this.#onKey(event));
  }

  disconnectedCallback() {
    this.draft?.flush().catch(() => {});
    super.disconnectedCallback();
  }

  #build() {
    this.classList.add("editor");
    this.title_ = h("h1", { class: "editor-title" });
    this.status = h("span", { class: "editor-status", role: "status" });
    this.badge = h("span", {});
    this.buttons = h("div", { class: "editor-buttons" });
    this.strip = h("div", { class: "editor-strip" });
    this.back_ = h("button", { class: "button button--small", type: "button", on: { click: () => this.draft.undo() } }, t("trees.undo"));
    const head = h("div", { class: "editor-head" },
      h("a", { class: "editor-back", href: "/studio/trees" }, icon("back"), t("studio.page.trees")),
      h("div", { class: "editor-line" }, this.title_, this.badge, this.status, this.back_, h("a", { class: "button button--small tree-to-try", href: "#beside" }, t("trees.panel.try")), this.buttons), this.strip);
    new ResizeObserver(() => this.style.setProperty("--head", `${head.offsetHeight}px`)).observe(head);
    this.outline = Object.assign(new TreeOutline(), { draft: this.draft, studio: this.studio });
    this.tabs = h("div", { class: "editor-tabs", role: "tablist", "aria-label": t("trees.beside") });
    this.panel = h("div", { class: "editor-panel", role: "tabpanel", id: "panel", tabindex: "-1" });
    const beside = h("section", { class: "editor-beside", id: "beside", "aria-label": t("trees.beside") }, this.tabs, this.panel);
    this.replaceChildren(head, h("div", { class: "editor-sides tree-sides" }, h("section", { class: "editor-form", "aria-label": t("trees.outline") }, this.outline), beside));
    this.listen(this.draft, "naming", () => this.#named());
    this.listen(this.draft, "form status problems", () => this.#tell());
    this.listen(this.draft, "conflict", () => this.#settle());
    this.listen(this, "tried", ({ detail }) => this.outline.tried(detail));
    this.#tell();
    this.#show(remembered(PANEL_KEY, "try"));
  }

  /** What is new gets its place with the first thing that is kept. */
  #named() {
    if (!this.isNew) return;
    this.isNew = false;
    const tail = [...crypto.getRandomValues(new Uint8Array(2))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const slug = slugOf(inMine(this.draft.form.title)).slice(0, 40).replace(/^[^a-z]+|-+$/gu, "");
    this.draft.name(`${slug || "tree"}-${tail}`);
    history.replaceState(null, "", `/studio/trees/${encodeURIComponent(this.draft.id)}`);
  }

  #show(name) {
    const chosen = name in PANELS ? name : "try";
    remember(PANEL_KEY, chosen);
    const tab = (each) => h("button", { class: "editor-tab", type: "button", role: "tab", id: `tab-${each}`, "aria-selected": String(each === chosen), "aria-controls": "panel", tabindex: each === chosen ? "0" : "-1", on: { click: () => this.#choose(each) } }, t(`trees.panel.${each}`));
    this.tabs.replaceChildren(...Object.keys(PANELS).map(tab));
    this.tabs.onkeydown = (event) => ["ArrowLeft", "ArrowRight"].includes(event.key) && this.#choose(chosen === "try" ? "history" : "try");
    this.panel.setAttribute("aria-labelledby", `tab-${chosen}`);
    this.outline.tried("");
    this.panel.replaceChildren(Object.assign(new PANELS[chosen](), { draft: this.draft, studio: this.studio, editor: this }));
  }

  #choose(name) {
    this.#show(name);
    this.tabs.querySelector("[aria-selected=true]").focus();
  }

  #tell() {
    const { draft } = this;
    // Nobody is told off for what they have not come to.
    draft.isFresh = draft.status === "clean" && !(draft.draft || draft.published || draft.side.archived);
    this.title_.textContent = unbroken(inMine(draft.form.title)) || t("articles.untitled");
    document.title = `${this.title_.textContent} · Relais`;
    const words = this.#savedWords();
    if (this.status.textContent !== words) this.status.textContent = words;
    this.status.dataset.status = draft.status;
    this.back_.disabled = !draft.canUndo;
    const [tone, state] = stateOf(draft);
    this.badge.className = `badge badge--${tone}`;
    this.badge.textContent = state;
    this.#tellStrip();
    this.#tellSteps();
  }

  #tellSteps() {
    const steps = stepsOf(this.draft, this.studio).filter((step) => !NOT_HERE.includes(step));
    const strong = this.draft.draft && !["discard", "archive"].includes(steps[0]) ? steps[0] : null;
    if (this.buttons.dataset.steps === steps.join()) return;
    this.buttons.dataset.steps = steps.join();
    const rest = strong ? steps.slice(1) : steps;
    const pair = ["reject", "submit"].includes(rest[0]) ? rest[0] : null;
    const menu = pair ? rest.slice(1) : rest;
    const press = (step, isStrong) => h("button", { class: `button${isStrong ? " button--primary" : ""}`, type: "button", on: { click: () => this.take(step) } }, t(`articles.step.${step}`));
    this.buttons.replaceChildren(...[pair && press(pair), strong && press(strong, true), menu.length > 0 && Object.assign(new StepMenu(), { steps: menu, run: (step) => this.take(step) })].filter(Boolean));
  }

  #tellStrip() {
    const { draft } = this;
    const rows = [];
    if (draft.status === "conflict") rows.push(["alert", t("trees.conflict"), { words: t("articles.conflict.settle"), run: () => this.#settle() }]);
    if (draft.side.broken?.length) rows.push(["alert", t("trees.broken.how", { reasons: draft.side.broken.join(" ") })]);
    if (draft.second && draft.draft?.state !== "approved") rows.push(["people", t(`articles.second.${draft.second.reason}`, { name: draft.second.name })]);
    if (draft.draft?.note) rows.push(["chat", t("articles.noted", { name: nameOf(draft.draft.updated_by), note: draft.draft.note })]);
    const signature = JSON.stringify(rows);
    if (signature === this.shownStrip) return;
    this.shownStrip = signature;
    this.strip.replaceChildren(...rows.map(([drawn, words, action]) => h("p", { class: "editor-notice" }, icon(drawn), h("span", {}, words), action && h("button", { class: "button button--small", type: "button", on: { click: action.run } }, action.words))));
  }

  #savedWords() {
    const { draft } = this;
    if (draft.status === "saved") return t("articles.status.saved", { time: time(draft.savedAt.toISOString()) });
    if (draft.status === "failed") return draft.error.retryable ? t("articles.status.waiting") : t("articles.status.refused", { reason: draft.error.message });
    return draft.status === "clean" ? "" : t(`articles.status.${draft.status}`);
  }

  /** Two wrote at once: who, where, and whose stands. */
  async #settle() {
    const { draft } = this;
    if (this.asking || !draft.clash) return;
    this.asking = true;
    const { form, who } = draft.clash;
    const option = (value, words, checked) => h("label", { class: "check" }, h("input", { type: "radio", name: "side", value, checked }), h("span", {}, words));
    const places = differing(draft.form, form).map((name) => (name && name in draft.form.nodes ? this.outline.titleOf(name) : t(name ? "trees.conflict.other" : "trees.conflict.top")));
    const answer = await openDialog({
      title: t("trees.conflict.title"),
      submit: t("trees.conflict.keep"),
      body: [h("p", {}, who ? t("trees.conflict.lead", { name: who }) : t("trees.conflict.lead.somebody")), h("ul", { class: "tree-differing" }, places.map((words) => h("li", {}, words))),
        h("fieldset", { class: "tree-whose" }, h("legend", {}, t("trees.conflict.whose")), option("mine", t("articles.merge.mine"), true), option("theirs", who ? t("articles.merge.theirs", { name: who }) : t("articles.merge.theirs.somebody"), false))],
    });
    this.asking = false;
    if (answer && draft.clash) draft.settle(answer.get("side") === "theirs");
  }

  async take(step) {
    const { draft } = this;
    if (step === "discard") return this.#discard();
    if (step === "archive" || step === "unarchive") return this.#putAway(step);
    const isWrong = (draft.problems ?? []).some(({ severity }) => severity !== "warning");
    if (["publish", "submit"].includes(step) && isWrong && this.outline.focusFirstProblem()) return this.studio.say("trees.problems", {}, { bad: true });
    const said = await askFor(step);
    if (said === null) return null;
    return this.act(() => this.api.post(`${draft.path}/${step}`, { revision: draft.revision, ...said }).catch((error) => {
      if (error.code === "conflict" && error.body) draft.meet(error.body, error.body.theirs?.revision === draft.revision);
      throw error;
    }), `trees.done.${step}`);
  }

  async #discard() {
    const { draft } = this;
    const answer = await this.act(async () => {
      const found = await this.api.delete(`${draft.path}?revision=${draft.revision}`);
      draft.gone();
      return found;
    });
    if (answer) this.studio.say("articles.done.discard", {}, { action: { label: t("studio.undo"), run: () => this.act(() => draft.restore(answer.draft), "studio.undone") }, stays: UNDO_MS });
  }

  async #putAway(step) {
    const path = `/trees/${encodeURIComponent(this.draft.id)}`;
    if (!(await this.act(() => this.api.post(`${path}/${step}`)))) return;
    const back = () => this.act(() => this.api.post(`${path}/${step === "archive" ? "unarchive" : "archive"}`), "studio.undone");
    this.studio.say(`trees.done.${step}`, {}, { action: { label: t("studio.undo"), run: back }, stays: UNDO_MS });
  }

  /** Keep what is being written, do `work`, and take what has become of the tree. Null when it failed. */
  async act(work, said = "", variables = {}) {
    const { draft } = this;
    const isKept = await this.run(async () => void (await draft.flush()));
    if (draft.status === "conflict") this.#settle();
    const done = isKept && draft.status !== "conflict" ? await this.run(work) : null;
    if (done && said) this.studio.say(said, variables);
    await this.reload();
    return done;
  }

  async reload() {
    const { draft } = this;
    const whole = await this.api.get(`/trees/${encodeURIComponent(draft.id)}`).catch((error) => (error.status === 404 ? {} : null));
    if (whole && ["clean", "saved"].includes(draft.status)) draft.read(whole);
    if (remembered(PANEL_KEY) === "history") this.#show("history");
  }

  #leave() {
    this.api.leaving = true;
    this.draft.flush().catch(() => {});
  }

  #onKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    this.draft.flush().catch(() => {});
  }
}

customElements.define("tree-editor", TreeEditor);
