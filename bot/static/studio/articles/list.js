// Every article in every language: searched, filtered, read by keyboard, a page at a time. The address keeps what was asked.

import { h, icon } from "/static/desk/dom.js";
import { date } from "/static/desk/format.js";
import { label, plural, t } from "/static/desk/i18n.js";
import { StudioPage } from "../page.js";
import { nameOf, unbroken } from "./draft.js";

const PER_PAGE = 50;
const SOON_MS = 220;
const STATES = ["draft", "in_review", "approved", "published", "archived"];
// What asks for somebody's attention, and how it is asked for.
const LOOKS = { due: ["due", "0"], stale: ["stale", "true"], missing: ["missing", "true"], unread: ["health", "unread"], contradicted: ["health", "contradicted"], scheduled: ["scheduled", "true"] };
const TONES = { in_review: "warn", approved: "good", published: "good", scheduled: "info" };
const ASKED = ["q", "topic", "locale", "state", "author", "look", "offset"];

export class ArticleList extends StudioPage {
  #timer = 0;
  #call = 0;

  render() {
    const asked = new URLSearchParams(location.search);
    this.asked = Object.fromEntries(ASKED.map((name) => [name, asked.get(name) ?? ""]));
    const create = h("a", { class: "button button--primary", href: "/studio/articles/new" }, icon("plus"), t("articles.new"));
    this.search = h("input", { class: "input list-search", type: "search", "aria-label": t("articles.search"), placeholder: t("articles.search"), value: this.asked.q, maxlength: "200", on: { input: () => this.#soon({ q: this.search.value }) } });
    this.selects = h("div", { class: "list-selects" });
    this.count = h("p", { class: "list-count", role: "status" });
    this.rows = h("ul", { class: "list-rows", "aria-label": t("studio.page.articles") });
    this.foot = h("nav", { class: "list-foot", "aria-label": t("articles.pages") });
    this.frame({ title: t("studio.page.articles"), lead: t("studio.articles.lead"), tools: [create] },
      h("div", { class: "list-filters", role: "search" }, this.search, this.selects), this.count, this.rows, this.foot);
    this.#drawSelects({});
    this.listen(this.rows, "keydown", (event) => this.#alongRows(event));
    this.listen(document, "keydown", (event) => this.#onKey(event));
    this.#load();
  }

  #soon(changed) {
    Object.assign(this.asked, { offset: "" }, changed);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), SOON_MS);
  }

  #ask(changed) {
    Object.assign(this.asked, { offset: "" }, changed);
    return this.#load();
  }

  async #load() {
    const mine = ++this.#call;
    const query = new URLSearchParams(Object.entries(this.asked).filter(([, value]) => value));
    history.replaceState(null, "", `/studio/articles${query.size ? `?${query}` : ""}`);
    query.set("limit", PER_PAGE);
    if (query.has("look")) query.set(...(LOOKS[this.asked.look] ?? ["look", ""]));
    query.delete("look");
    try {
      const found = await this.api.get(`/articles?${query}`);
      if (mine === this.#call && this.isConnected) this.#draw(found);
    } catch (error) {
      if (mine !== this.#call) return;
      this.count.textContent = "";
      const again = error.retryable && h("button", { class: "button button--small", type: "button", on: { click: () => this.#load() } }, t("banner.retry"));
      this.rows.replaceChildren(h("li", { class: "page-error list-error", role: "alert" }, error.message, again));
      this.foot.replaceChildren();
    }
  }

  #draw({ total, articles, facets = {} }) {
    this.#drawSelects(facets);
    const isFiltered = ASKED.some((name) => name !== "offset" && this.asked[name]);
    this.count.textContent = plural("articles.count", total);
    this.rows.replaceChildren(...(articles.length ? articles.map((one) => this.#row(one)) : [this.#nothing(isFiltered)]));
    this.#drawFoot(total, articles.length);
  }

  #nothing(isFiltered) {
    const clear = () => {
      this.search.value = "";
      this.asked = Object.fromEntries(ASKED.map((name) => [name, ""]));
      this.#load();
      this.search.focus();
    };
    return h("li", { class: "empty" }, icon(isFiltered ? "search" : "book"), h("p", { class: "empty-title" }, t(isFiltered ? "articles.none" : "articles.empty")),
      isFiltered ? h("button", { class: "button", type: "button", on: { click: clear } }, t("articles.clear")) : h("p", {}, t("articles.empty.how")));
  }

  #row(one) {
    const { article_id, locale, title, topic, state, has_draft, draft_state, updated_at, updated_by, review_by, publish_at, stale, missing = [] } = one;
    const name = nameOf(updated_by);
    const marks = [
      publish_at && ["info", t("articles.state.scheduled_for", { when: date(publish_at) })],
      has_draft && state === "published" && [TONES[draft_state] ?? "plain", t(`articles.with.${draft_state ?? "draft"}`)],
      stale && ["warn", t("articles.stale")],
      ...missing.map((code) => ["warn", t("articles.missing.in", { language: label("language", code) })]),
      review_by && new Date(review_by) <= new Date() && ["bad", t("articles.due", { when: date(review_by) })],
    ].filter(Boolean);
    const said = [topic && label("topic", topic), updated_at && t(name ? "articles.updated.by" : "articles.updated", { when: date(updated_at), name })].filter(Boolean);
    return h("li", {}, h("a", { class: "list-row", href: `/studio/articles/${encodeURIComponent(article_id)}?locale=${locale}` },
      h("span", { class: "list-language", "aria-hidden": "true" }, locale.toUpperCase()),
      h("span", { class: "list-words" }, h("span", { class: "list-title", lang: title ? locale : null }, unbroken(title) || t("articles.untitled")),
        h("span", { class: "list-small" }, h("span", { class: "visually-hidden" }, `${label("language", locale)} · `), said.join(" · "))),
      h("span", { class: "list-marks" }, marks.map(([tone, words]) => h("span", { class: `badge badge--${tone}` }, words)), h("span", { class: `badge badge--${TONES[state] ?? "plain"}` }, t(`articles.state.${state}`)))));
  }

  #drawSelects(facets) {
    const counted = (words, count) => (count === undefined ? words : t("articles.counted", { words, count }));
    const all = (codes, name, words) => codes.map((code) => [code, counted(words(code), facets[name] && (facets[name][code] ?? 0))]);
    const options = {
      look: Object.keys(LOOKS).map((code) => [code, counted(t(`articles.look.${code}`), facets[code])]),
      topic: all(this.studio.topics, "topic", (code) => label("topic", code)),
      locale: all(this.studio.languages, "locale", (code) => label("language", code)),
      state: all(STATES, "state", (code) => t(`articles.state.${code}`)),
      author: all(Object.keys(facets.author ?? {}), "author", (code) => code),
    };
    const signature = JSON.stringify([options, this.asked]);
    if (signature === this.shownSelects) return;
    this.shownSelects = signature;
    const focused = this.selects.contains(document.activeElement) ? document.activeElement.name : null;
    const one = (name) => h("select", { class: "input", name, "aria-label": t(`articles.by.${name}`), on: { change: (event) => this.#ask({ [name]: event.target.value }) } },
      h("option", { value: "" }, t(`articles.by.${name}.any`)), options[name].map(([value, words]) => h("option", { value, selected: value === this.asked[name] }, words)));
    this.selects.replaceChildren(...["look", "topic", "locale", "state", ...(options.author.length ? ["author"] : [])].map(one));
    if (focused) this.selects.querySelector(`[name=${focused}]`)?.focus();
  }

  #drawFoot(total, shown) {
    const offset = Number(this.asked.offset) || 0;
    const turn = (to) => async () => {
      await this.#ask({ offset: to ? String(to) : "" });
      this.closest("main").scrollTop = 0;
      this.rows.querySelector("a")?.focus();
    };
    const press = (words, to, can) => h("button", { class: "button", type: "button", disabled: !can, on: { click: turn(to) } }, words);
    if (total <= PER_PAGE && !offset) return this.foot.replaceChildren();
    return this.foot.replaceChildren(press(t("articles.previous"), Math.max(0, offset - PER_PAGE), offset > 0),
      h("span", {}, t("articles.shown", { from: offset + 1, to: offset + shown, total })), press(t("articles.next"), offset + PER_PAGE, offset + shown < total));
  }

  #alongRows(event) {
    const links = [...this.rows.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (next === undefined || at < 0) return;
    event.preventDefault();
    if (next < 0) this.search.focus();
    else links[Math.min(next, links.length - 1)].focus();
  }

  /** “/” searches, an arrow leads into the list. */
  #onKey(event) {
    const isTyping = event.target.matches?.("input, textarea, select");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.search.focus();
    } else if (event.key === "ArrowDown" && event.target === this.search) {
      event.preventDefault();
      this.rows.querySelector("a")?.focus();
    }
  }
}

customElements.define("article-list", ArticleList);
