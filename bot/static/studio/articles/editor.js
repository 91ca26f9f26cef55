// One article: both languages, what stands beside the form, and the steps towards being published.

import { h } from "/static/desk/dom.js";
import { label, t } from "/static/desk/i18n.js";
import { remember, remembered } from "/static/desk/memory.js";
import { WritingPage } from "../writing.js";
import { Draft, nameOf, slugOf } from "./draft.js";
import { ArticleForm } from "./form.js";
import { settleConflict, showMerged } from "./merge.js";
import { PANELS } from "./panels.js";
import { askFor, stepsOf } from "./steps.js";

const PANEL_KEY = "relais.studio.panel";

/** The base of the page at /studio/articles/{id}; `new` is one that nobody has kept yet. */
export class ArticleEditor extends WritingPage {
  async render() {
    const [, wanted = "new"] = ["", ...this.studio.rest];
    this.frame({ title: t("articles.one") }, h("p", { class: "page-note" }, t("page.loading")));
    try {
      await this.#load(wanted);
    } catch (error) {
      this.unread(error, t("articles.one"), { href: "/studio/articles", words: t("articles.back") });
      return;
    }
    if (!this.isConnected) return;
    this.#build();
    this.keepOnLeaving();
  }

  get everyDraft() {
    return [...(this.drafts?.values() ?? [])];
  }

  async #load(wanted) {
    const asked = new URLSearchParams(location.search).get("locale");
    const { api, languages, me } = this.studio;
    this.isNew = wanted === "new";
    const keys = languages.map((code) => Draft.keyOf(me.id, wanted, code));
    const kept = this.isNew ? null : await this.read(`/articles/${encodeURIComponent(wanted)}`, keys);
    const found = kept ?? { article_id: this.isNew ? freshId() : wanted, locales: {} };
    this.id = found.article_id;
    this.gap = found.gap;
    this.topics = this.studio.topics;
    this.drafts = new Map(languages.map((code) => [code, new Draft(api, this.id, code, found.locales[code], me.id)]));
    const there = languages.filter((code) => this.drafts.get(code).exists);
    const mine = me.locales.find((code) => languages.includes(code)) ?? languages[0];
    // What helps to begin with, whatever was looked at last: the customers' words, or how the article will be read.
    this.wished = this.gap ? "asked" : there.length ? remembered(PANEL_KEY, "preview") : "preview";
    this.locale = [asked, there.includes(mine) ? mine : there[0], mine].find((code) => languages.includes(code));
  }

  #build() {
    this.makeHead();
    this.languages = h("div", { class: "editor-languages", role: "group", "aria-label": t("articles.languages") });
    this.side = h("section", { class: "editor-form", id: "form" });
    this.tabs.setAttribute("aria-label", t("articles.panels"));
    const head = this.headOf({ list: "/studio/articles", words: t("studio.page.articles") }, [this.title_, this.badge, this.status, this.buttons], this.languages, this.strip);
    this.replaceChildren(head,
      h("div", { class: "editor-sides" }, this.side, h("section", { class: "editor-beside", "aria-label": t("articles.panels") }, this.tabs, this.panel)));
    for (const draft of this.everyDraft) this.#follow(draft);
    for (const draft of this.everyDraft) this.#carry(draft);
    this.open(this.locale);
  }

  #follow(draft) {
    this.listen(draft, "form", () => this.#named(draft));
    this.listen(draft, "form", () => this.#carry(draft));
    this.listen(draft, "form status problems", () => this.#tell());
    this.listen(draft, "merged", ({ detail }) => this.studio.say(detail.who ? "articles.merged" : "articles.merged.somebody", { name: detail.who }, { action: { label: t("articles.merged.see"), run: () => showMerged(detail, draft.locale) } }));
    this.listen(draft, "conflict", () => settleConflict(draft));
    this.listen(draft, "unscheduled", () => this.studio.say("articles.unscheduled", {}, { action: { label: t("articles.step.schedule"), run: () => this.#scheduleAgain(draft) } }));
    if (draft.clash) settleConflict(draft);
  }

  /** The language whose hour was taken back may not be the open one. */
  #scheduleAgain(draft) {
    if (this.draft !== draft) this.open(draft.locale);
    return this.take("schedule");
  }

  /** The other language, or null. */
  twinOf(locale) {
    return this.everyDraft.find((draft) => draft.locale !== locale) ?? null;
  }

  /** What holds in both languages is chosen once. */
  #carry(draft) {
    const other = this.twinOf(draft.locale);
    other?.follow(draft);
    if (other) draft.follow(other);
  }

  /** Whether the other language was published after this one. */
  isStale(locale) {
    const [mine, other] = [this.drafts.get(locale)?.side, this.twinOf(locale)?.side];
    return Boolean(mine?.published && other?.published && mine.updated_at < other.updated_at);
  }

  get draft() {
    return this.drafts.get(this.locale);
  }

  /** Write in this language. */
  open(locale) {
    this.locale = locale;
    if (!this.isNew) this.#address();
    this.side.setAttribute("aria-label", label("language", locale));
    this.side.replaceChildren(Object.assign(new ArticleForm(), { draft: this.draft, topics: this.topics, studio: this.studio }));
    this.#tell();
    this.#beside();
  }

  #address() {
    history.replaceState(null, "", `/studio/articles/${encodeURIComponent(this.id)}?locale=${this.locale}`);
  }

  /** What is new gets an id from its title with the first thing that is kept; from then on it has an address. */
  #named(draft) {
    if (!this.isNew || draft.isEmpty) return;
    this.isNew = false;
    const slug = slugOf(draft.form.title);
    this.id = slug ? `${slug}-${this.id.slice(-4)}` : this.id;
    for (const each of this.everyDraft) {
      each.article_id = this.id;
      each.form.article_id = this.id;
    }
    this.#address();
  }

  async show(name) {
    this.wished = name;
    remember(PANEL_KEY, name);
    await this.#beside();
  }

  get #offered() {
    return PANELS.filter((each) => each.when?.(this) ?? true);
  }

  async #beside() {
    const offered = this.#offered;
    const panel = offered.find((each) => each.name === this.wished) ?? offered[0];
    const names = offered.map((each) => each.name);
    Object.assign(this, { shown: panel.name, tabsShown: names.join() });
    this.tellTabs(names, panel.name, (each) => this.#tabWords(each));
    this.panel.parentNode.dataset.panel = panel.name;
    const Panel = await panel.load();
    if (!this.isConnected || this.shown !== panel.name) return;
    this.panel.replaceChildren(Object.assign(new (Panel.default ?? Panel)(), { draft: this.draft, studio: this.studio, editor: this }));
  }

  #tabWords(name) {
    return name === "twin" ? label("language", this.twinOf(this.locale).locale) : t(`articles.panel.${name}`);
  }

  #tell() {
    this.tellHead(this.draft.form.title);
    this.#tellLanguages();
    this.#tellStrip();
    const steps = stepsOf(this.draft, this.studio);
    const [first, second, ...rest] = steps;
    const pair = ["reject", "submit"].includes(second) || (first === "publish" && second === "approve") ? second : null;
    const menu = pair || !second ? rest : [second, ...rest];
    this.tellSteps({ strong: first ?? null, pair, menu });
  }

  #tellLanguages() {
    const one = (draft) => {
      const mark = !draft.exists && draft.isEmpty ? t("articles.missing") : this.isStale(draft.locale) ? t("articles.stale") : draft.draft ? t(`articles.state.${draft.draft.state ?? "draft"}`) : "";
      return h("button", { class: "button button--small tab", type: "button", "aria-pressed": String(draft === this.draft), on: { click: () => this.open(draft.locale) } }, label("language", draft.locale), mark && h("span", { class: "editor-mark" }, mark));
    };
    const rows = this.everyDraft.map(one);
    const signature = rows.map((row) => row.outerHTML).join();
    if (signature === this.shownLanguages) return;
    this.shownLanguages = signature;
    const hadFocus = this.languages.contains(document.activeElement);
    this.languages.replaceChildren(...rows);
    if (hadFocus) this.languages.querySelector("[aria-pressed=true]").focus();
  }

  /** What has to be known before anything else: who must read it, what a reviewer said, a conflict that waits. */
  #tellStrip() {
    const { draft } = this;
    const rows = [];
    const isClash = draft.status === "conflict";
    if (isClash) rows.push(["alert", t(draft.clash.isOff ? "articles.conflict.unscheduled" : "articles.conflict"), { words: t("articles.conflict.settle"), run: () => settleConflict(draft) }]);
    if (draft.second && draft.draft?.state !== "approved") rows.push(["people", t(`articles.second.${draft.second.reason}`, { name: draft.second.name })]);
    // While two versions wait to be made one, that alone is what keeps it from going out.
    const failed = !isClash && draft.draft?.publish_problem;
    if (failed) rows.push(["alert", failed.code === "conflict" ? t("articles.failed_schedule.conflict") : t("articles.failed_schedule", { reason: failed.message })]);
    if (draft.draft?.note) rows.push(["chat", t("articles.noted", { name: nameOf(draft.draft.updated_by), note: draft.draft.note })]);
    this.tellStrip(rows);
  }

  /** One step of the open language. */
  async take(step) {
    const { draft } = this;
    const path = `/drafts/${this.id}/${draft.locale}`;
    if (step === "page") return window.open(draft.side.url ?? `/${draft.locale === "fr" ? "aide" : "help"}/${draft.published.slug}`, "_blank", "noopener");
    if (step === "discard") return this.#discard(draft, path);
    if (step === "archive" || step === "unarchive") return this.putAway(`/articles/${this.id}/${draft.locale}`, step, `articles.done.${step}`);
    if (["publish", "schedule", "submit"].includes(step) && (draft.checked?.problems ?? []).some(({ severity }) => severity !== "warning") && this.querySelector("article-form").focusFirstProblem()) {
      return this.studio.say("articles.problems", {}, { bad: true });
    }
    const said = await askFor(step);
    if (said === null) return null;
    const call = step === "schedule" ? "publish" : step;
    return this.act(() => this.api.post(`${path}/${call}`, { revision: draft.revision, ...said }).catch((error) => {
      if (error.code !== "conflict") throw error;
      // What is online was changed since this draft began: it is merged, and read, before it is published.
      draft.meet(error.body);
      return { met: draft.status === "conflict" ? "" : "articles.met" };
    }), ({ met, searchable = true }) => met ?? (searchable ? `articles.done.${step}` : "articles.done.publish.soon"));
  }

  async #discard(draft, path) {
    const answer = await this.act(() => this.api.delete(`${path}?revision=${draft.revision}`));
    if (!answer) return;
    const { form, base_version = null } = answer.draft ?? answer;
    draft.forget();
    // What it began from is what it was discarded with: another text that went out since is merged, not written over.
    this.sayUndoable("articles.done.discard", () => this.api.put(path, { form, revision: null, base_version }));
  }

  /** Keep what is being written, do `work`, and take what has become of the article. Null when it failed. `said`: a key, or one made of the answer. */
  async act(work, said = "", variables = {}) {
    const { draft } = this;
    const isKept = await this.run(() => draft.flush());
    // Two versions wait to be made one: neither goes anywhere before somebody has said what stands.
    if (draft.status === "conflict") settleConflict(draft);
    const isReady = isKept && draft.status !== "conflict";
    const done = isReady ? await this.run(work) : null;
    const words = typeof said === "function" && done ? said(done) : said;
    if (done && words) this.studio.say(words, variables);
    await this.reload();
    return done;
  }

  /** What the server says now of every language in which nothing waits to be kept. */
  async reload() {
    const ask = () => this.api.get(`/articles/${encodeURIComponent(this.id)}`).catch((error) => (error.status === 404 ? { locales: {} } : null));
    const found = await this.now(ask);
    if (!found) return;
    for (const draft of this.everyDraft) if (["clean", "saved"].includes(draft.status)) draft.read(found.locales[draft.locale]);
    this.#tell();
    // What was published now has a history, or a longer one.
    if (this.shown === "history" || this.#offered.map((each) => each.name).join() !== this.tabsShown) this.#beside();
  }
}

const freshId = () => `article-${[...crypto.getRandomValues(new Uint8Array(2))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
customElements.define("article-editor", ArticleEditor);
