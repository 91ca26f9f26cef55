// One guided diagnosis: its outline, what is beside it, and the steps towards customers being led through it.

import { openDialog } from "/static/desk/dialog.js";
import { h } from "/static/desk/dom.js";
import { t } from "/static/desk/i18n.js";
import { remember, remembered } from "/static/desk/memory.js";
import { nameOf, slugOf } from "../articles/draft.js";
import { askFor, stepsOf } from "../articles/steps.js";
import { WritingPage } from "../writing.js";
import { TreeDraft } from "./draft.js";
import { differing, inMine } from "./form.js";
import { TreeHistory } from "./history.js";
import { TreeOutline } from "./outline.js";
import { TreeTry } from "./try.js";

const PANEL_KEY = "relais.studio.trees.panel";
const PANELS = { try: TreeTry, history: TreeHistory };
// What articles have and trees do not.
const NOT_HERE = ["page", "schedule", "unschedule", ""];

export class TreeEditor extends WritingPage {
  async render() {
    const [wanted] = this.studio.rest;
    this.isNew = wanted === "new";
    this.frame({ title: t("trees.one") }, h("p", { class: "page-note" }, t("page.loading")));
    try {
      const { id } = this.studio.me;
      const whole = this.isNew ? null : await this.read(`/trees/${encodeURIComponent(wanted)}`, [TreeDraft.keyOf(id, wanted)]);
      this.draft = new TreeDraft(this.api, wanted, whole, id);
    } catch (error) {
      this.unread(error, t("trees.one"), { href: "/studio/trees", words: t("trees.back") });
      return;
    }
    if (!this.isConnected) return;
    this.#build();
    this.keepOnLeaving();
  }

  get everyDraft() {
    return this.draft ? [this.draft] : [];
  }

  #build() {
    this.makeHead();
    this.back_ = h("button", { class: "button button--small", type: "button", on: { click: () => this.draft.undo() } }, t("trees.undo"));
    const toTry = h("a", { class: "button button--small tree-to-try", href: "#beside" }, t("trees.panel.try"));
    const head = this.headOf({ list: "/studio/trees", words: t("studio.page.trees") }, [this.title_, this.badge, this.status, this.back_, toTry, this.buttons], this.strip);
    this.outline = Object.assign(new TreeOutline(), { draft: this.draft, studio: this.studio });
    this.tabs.setAttribute("aria-label", t("trees.beside"));
    const beside = h("section", { class: "editor-beside", id: "beside", "aria-label": t("trees.beside") }, this.tabs, this.panel);
    this.replaceChildren(head, h("div", { class: "editor-sides tree-sides" }, h("section", { class: "editor-form", "aria-label": t("trees.outline") }, this.outline), beside));
    this.listen(this.draft, "naming", () => this.#named());
    this.listen(this.draft, "form status problems", () => this.#tell());
    this.listen(this.draft, "conflict", () => this.#settle());
    this.listen(this, "tried", ({ detail }) => this.outline.tried(detail));
    this.#tell();
    this.show(remembered(PANEL_KEY, "try"));
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

  show(name) {
    const chosen = name in PANELS ? name : "try";
    remember(PANEL_KEY, chosen);
    this.tellTabs(Object.keys(PANELS), chosen, (each) => t(`trees.panel.${each}`));
    this.shown = chosen;
    this.outline.tried("");
    this.panel.replaceChildren(Object.assign(new PANELS[chosen](), { draft: this.draft, studio: this.studio, editor: this }));
  }

  #tell() {
    const { draft } = this;
    // Nobody is told off for what they have not come to.
    draft.isFresh = draft.status === "clean" && !(draft.draft || draft.published || draft.side.archived);
    this.tellHead(inMine(draft.form.title));
    // Who has undone the last change by a key stays in the head.
    if (!draft.canUndo && document.activeElement === this.back_) this.title_.focus();
    this.back_.disabled = !draft.canUndo;
    this.#tellStrip();
    this.#tellSteps();
  }

  #tellSteps() {
    const steps = stepsOf(this.draft, this.studio).filter((step) => !NOT_HERE.includes(step));
    const strong = this.draft.draft && !["discard", "archive"].includes(steps[0]) ? steps[0] : null;
    const rest = strong ? steps.slice(1) : steps;
    const pair = ["reject", "submit", "unarchive"].includes(rest[0]) ? rest[0] : null;
    this.tellSteps({ strong, pair, menu: pair ? rest.slice(1) : rest });
  }

  #tellStrip() {
    const { draft } = this;
    const rows = [];
    if (draft.status === "conflict") rows.push(["alert", t("trees.conflict"), { words: t("articles.conflict.settle"), run: () => this.#settle() }]);
    if (draft.side.broken?.length) rows.push(["alert", t("trees.broken.how", { reasons: draft.side.broken.join(" ") })]);
    if (draft.second && draft.draft && draft.draft.state !== "approved") rows.push(["people", t(`articles.second.${draft.second.reason}`, { name: draft.second.name })]);
    if (draft.draft?.note) rows.push(["chat", t("articles.noted", { name: nameOf(draft.draft.updated_by), note: draft.draft.note })]);
    this.tellStrip(rows);
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
    if (step === "archive" || step === "unarchive") return this.putAway(`/trees/${encodeURIComponent(draft.id)}`, step, `trees.done.${step}`);
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
    if (answer) this.sayUndoable("articles.done.discard", () => draft.restore(answer.draft));
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
    const ask = () => this.api.get(`/trees/${encodeURIComponent(draft.id)}`).catch((error) => (error.status === 404 ? {} : null));
    const whole = await this.now(ask);
    if (whole && ["clean", "saved"].includes(draft.status)) draft.read(whole);
    if (this.shown === "history") this.show("history");
  }
}

customElements.define("tree-editor", TreeEditor);
