// One article: both languages, what stands beside the form, and the steps towards being published.

import { h, icon } from "/static/desk/dom.js";
import { time } from "/static/desk/format.js";
import { label, t } from "/static/desk/i18n.js";
import { remember, remembered } from "/static/desk/memory.js";
import { StudioPage } from "../page.js";
import { Draft, nameOf, slugOf, unbroken } from "./draft.js";
import { ArticleForm } from "./form.js";
import { settleConflict, showMerged } from "./merge.js";
import { PANELS } from "./panels.js";
import { askFor, stateOf, StepMenu, stepsOf } from "./steps.js";

const PANEL_KEY = "relais.studio.panel";
const UNDO_MS = 20_000;

/** The base of the page at /studio/articles/{id}; `new` is one that nobody has kept yet. */
export class ArticleEditor extends StudioPage {
  async render() {
    const [, wanted = "new"] = ["", ...this.studio.rest];
    this.frame({ title: t("articles.one") }, h("p", { class: "page-note" }, t("page.loading")));
    try {
      await this.#load(wanted);
    } catch (error) {
      this.frame({ title: t("articles.one") }, h("p", { class: "page-error", role: "alert" }, error.message), h("p", {}, h("a", { href: "/studio/articles" }, t("articles.back"))));
      return;
    }
    if (!this.isConnected) return;
    this.#build();
    this.listen(window, "pagehide", () => this.#leave());
    this.listen(window, "pageshow", () => (this.api.leaving = false));
    this.listen(document, "keydown", (event) => this.#onKey(event));
  }

  disconnectedCallback() {
    this.#each((draft) => draft.flush().catch(() => {}));
    super.disconnectedCallback();
  }

  async #load(wanted) {
    const asked = new URLSearchParams(location.search).get("locale");
    const { api, languages, me } = this.studio;
    this.isNew = wanted === "new";
    const found = this.isNew ? { article_id: freshId(), locales: {} } : await api.get(`/articles/${encodeURIComponent(wanted)}`);
    this.id = found.article_id;
    this.gap = found.gap;
    if (this.gap) remember(PANEL_KEY, "asked");
    this.topics = this.studio.topics;
    this.drafts = new Map(languages.map((code) => [code, new Draft(api, this.id, code, found.locales[code], me.id)]));
    const there = languages.filter((code) => this.drafts.get(code).exists);
    const mine = me.locales.find((code) => languages.includes(code)) ?? languages[0];
    this.locale = [asked, there.includes(mine) ? mine : there[0], mine].find((code) => languages.includes(code));
  }

  #build() {
    this.classList.add("editor");
    this.title_ = h("h1", { class: "editor-title" });
    this.status = h("span", { class: "editor-status", role: "status" });
    this.badge = h("span", {});
    this.buttons = h("div", { class: "editor-buttons" });
    this.strip = h("div", { class: "editor-strip" });
    this.languages = h("div", { class: "editor-languages", role: "group", "aria-label": t("articles.languages") });
    this.side = h("section", { class: "editor-form", id: "form" });
    this.tabs = h("div", { class: "editor-tabs", role: "tablist", "aria-label": t("articles.panels") });
    this.panel = h("div", { class: "editor-panel", role: "tabpanel", id: "panel", tabindex: "-1" });
    const head = h("div", { class: "editor-head" },
      h("a", { class: "editor-back", href: "/studio/articles" }, icon("back"), t("studio.page.articles")),
      h("div", { class: "editor-line" }, this.title_, this.badge, this.status, this.buttons),
      this.languages, this.strip);
    // How far down the rest begins, for what stays in view beside the form.
    new ResizeObserver(() => this.style.setProperty("--head", `${head.offsetHeight}px`)).observe(head);
    this.replaceChildren(head,
      h("div", { class: "editor-sides" }, this.side, h("section", { class: "editor-beside", "aria-label": t("articles.panels") }, this.tabs, this.panel)));
    for (const draft of this.drafts.values()) this.#follow(draft);
    this.open(this.locale);
  }

  #follow(draft) {
    this.listen(draft, "form", () => this.#named(draft));
    this.listen(draft, "form status problems", () => this.#tell());
    this.listen(draft, "merged", ({ detail }) => this.studio.say(detail.who ? "articles.merged" : "articles.merged.somebody", { name: detail.who }, { action: { label: t("articles.merged.see"), run: () => showMerged(detail, draft.locale) } }));
    this.listen(draft, "conflict", () => settleConflict(draft));
    if (draft.clash) settleConflict(draft);
  }

  /** The other language, or null. */
  twinOf(locale) {
    return [...this.drafts.values()].find((draft) => draft.locale !== locale) ?? null;
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
    this.#show(remembered(PANEL_KEY, "preview"));
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
    for (const each of this.drafts.values()) {
      each.article_id = this.id;
      each.form.article_id = this.id;
    }
    this.#address();
  }

  async #show(name) {
    const shown = PANELS.filter((each) => each.when?.(this) ?? true);
    const panel = shown.find((each) => each.name === name) ?? shown[0];
    remember(PANEL_KEY, panel.name);
    const tab = (each) => h("button", { class: "editor-tab", type: "button", role: "tab", id: `tab-${each.name}`, "aria-selected": String(each === panel), "aria-controls": "panel", tabindex: each === panel ? "0" : "-1", on: { click: () => this.#choose(each.name) } }, this.#tabWords(each.name));
    this.tabs.replaceChildren(...shown.map(tab));
    this.tabs.onkeydown = (event) => this.#alongTabs(event, shown.map((each) => each.name), panel.name);
    this.panel.parentNode.dataset.panel = panel.name;
    this.panel.setAttribute("aria-labelledby", `tab-${panel.name}`);
    const Panel = await panel.load();
    if (!this.isConnected || remembered(PANEL_KEY) !== panel.name) return;
    this.panel.replaceChildren(Object.assign(new (Panel.default ?? Panel)(), { draft: this.draft, studio: this.studio, editor: this }));
  }

  #tabWords(name) {
    return name === "twin" ? label("language", this.twinOf(this.locale).locale) : t(`articles.panel.${name}`);
  }

  async #choose(name) {
    await this.#show(name);
    this.tabs.querySelector("[aria-selected=true]").focus();
  }

  #alongTabs(event, names, current) {
    const at = names.indexOf(current);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.#choose(names[(next + names.length) % names.length]);
  }

  #tell() {
    const { draft } = this;
    this.title_.textContent = unbroken(draft.form.title) || t("articles.untitled");
    document.title = `${this.title_.textContent} · Relais`;
    const words = this.savedWords(draft);
    if (this.status.textContent !== words) this.status.textContent = words;
    this.status.dataset.status = draft.status;
    const [tone, state] = stateOf(draft);
    this.badge.className = `badge badge--${tone}`;
    this.badge.textContent = state;
    this.#tellLanguages();
    this.#tellStrip();
    const steps = stepsOf(draft, this.studio);
    const signature = `${draft.locale} ${steps.join()}`;
    if (this.buttons.dataset.steps === signature) return;
    this.buttons.dataset.steps = signature;
    const [first, second, ...rest] = steps;
    const press = (step, strong) => h("button", { class: `button${strong ? " button--primary" : ""}`, type: "button", on: { click: () => this.take(step) } }, t(`articles.step.${step}`));
    const pair = ["reject", "submit"].includes(second) || (first === "publish" && second === "approve") ? second : null;
    const menu = pair || !second ? rest : [second, ...rest];
    this.buttons.replaceChildren(...[pair && press(pair), first && press(first, true), menu.length > 0 && Object.assign(new StepMenu(), { steps: menu, run: (step) => this.take(step) })].filter(Boolean));
  }

  #tellLanguages() {
    const one = (draft) => {
      const mark = !draft.exists && draft.isEmpty ? t("articles.missing") : this.isStale(draft.locale) ? t("articles.stale") : draft.draft ? t("articles.drafted") : "";
      return h("button", { class: "button button--small tab", type: "button", "aria-pressed": String(draft === this.draft), on: { click: () => this.open(draft.locale) } }, label("language", draft.locale), mark && h("span", { class: "editor-mark" }, mark));
    };
    const rows = [...this.drafts.values()].map(one);
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
    if (draft.status === "conflict") rows.push(["alert", t("articles.conflict"), { words: t("articles.conflict.settle"), run: () => settleConflict(draft) }]);
    if (draft.second && draft.draft?.state !== "approved") rows.push(["people", t(`articles.second.${draft.second.reason}`, { name: draft.second.name })]);
    if (draft.draft?.publish_problem) rows.push(["alert", t("articles.failed_schedule", { reason: draft.draft.publish_problem.message })]);
    if (draft.draft?.note) rows.push(["chat", t("articles.noted", { name: nameOf(draft.draft.updated_by), note: draft.draft.note })]);
    const signature = JSON.stringify(rows);
    if (signature === this.shownStrip) return;
    this.shownStrip = signature;
    this.strip.replaceChildren(...rows.map(([drawn, words, action]) => h("p", { class: "editor-notice" }, icon(drawn), h("span", {}, words), action && h("button", { class: "button button--small", type: "button", on: { click: action.run } }, action.words))));
  }

  /** How far what was typed has come. */
  savedWords(draft) {
    if (draft.status === "saved") return t("articles.status.saved", { time: time(draft.savedAt.toISOString()) });
    if (draft.status === "failed") return draft.error.retryable ? t("articles.status.waiting") : t("articles.status.refused", { reason: draft.error.message });
    return draft.status === "clean" || draft.status === "gone" ? "" : t(`articles.status.${draft.status}`);
  }

  /** One step of the open language. */
  async take(step) {
    const { draft } = this;
    const path = `/drafts/${this.id}/${draft.locale}`;
    if (step === "page") return window.open(draft.side.url ?? `/${draft.locale === "fr" ? "aide" : "help"}/${draft.published.slug}`, "_blank", "noopener");
    if (step === "discard") return this.#discard(draft, path);
    if (step === "archive" || step === "unarchive") return this.#putAway(draft, step);
    if (["publish", "schedule", "submit"].includes(step) && (draft.checked?.problems ?? []).some(({ severity }) => severity !== "warning") && this.querySelector("article-form").focusFirstProblem()) {
      return this.studio.say("articles.problems", {}, { bad: true });
    }
    const said = await askFor(step);
    if (said === null) return null;
    const call = step === "schedule" ? "publish" : step;
    return this.act(() => this.api.post(`${path}/${call}`, { revision: draft.revision, ...said }).catch((error) => {
      // What is online was changed since this draft began: it is merged before it is published.
      if (error.code === "conflict") draft.meet(error.body);
      throw error;
    }), ({ searchable = true }) => (searchable ? `articles.done.${step}` : "articles.done.publish.soon"));
  }

  async #discard(draft, path) {
    const answer = await this.act(() => this.api.delete(`${path}?revision=${draft.revision}`));
    if (!answer) return;
    const { form, base_version = null } = answer.draft ?? answer;
    draft.forget();
    // What it began from is what it was discarded with: another text that went out since is merged, not written over.
    const back = () => this.act(() => this.api.put(path, { form, revision: null, base_version }), "studio.undone");
    this.studio.say("articles.done.discard", {}, { action: { label: t("studio.undo"), run: back }, stays: UNDO_MS });
  }

  async #putAway(draft, step) {
    const path = `/articles/${this.id}/${draft.locale}`;
    const other = step === "archive" ? "unarchive" : "archive";
    if (!(await this.act(() => this.api.post(`${path}/${step}`)))) return;
    const back = () => this.act(() => this.api.post(`${path}/${other}`), "studio.undone");
    this.studio.say(`articles.done.${step}`, {}, { action: { label: t("studio.undo"), run: back }, stays: UNDO_MS });
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
    const found = await this.api.get(`/articles/${encodeURIComponent(this.id)}`).catch((error) => (error.status === 404 ? { locales: {} } : null));
    if (!found) return;
    this.#each((draft) => ["clean", "saved", "gone"].includes(draft.status) && draft.read(found.locales[draft.locale]));
    this.#tell();
    if (remembered(PANEL_KEY) === "history") this.#show("history");
  }

  #each(action) {
    for (const draft of this.drafts?.values() ?? []) action(draft);
  }

  /** Whoever follows a link at once leaves nothing behind. */
  #leave() {
    this.api.leaving = true;
    this.#each((draft) => draft.flush().catch(() => {}));
  }

  #onKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    this.draft.flush().catch(() => {});
  }
}

const freshId = () => `article-${[...crypto.getRandomValues(new Uint8Array(2))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
customElements.define("article-editor", ArticleEditor);
