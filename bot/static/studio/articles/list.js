// Every article in every language: searched, filtered, read by keyboard, a page at a time. The address keeps what was asked.

import { h, icon } from "/static/desk/dom.js";
import { date } from "/static/desk/format.js";
import { label, plural, t } from "/static/desk/i18n.js";
import { NarrowedPage } from "../narrowed.js";
import { nameOf, unbroken } from "./draft.js";

const STATES = ["draft", "in_review", "approved", "published", "archived"];
// What asks for somebody's attention, and how it is asked for.
const LOOKS = { due: ["due", "0"], stale: ["stale", "true"], missing: ["missing", "true"], unread: ["health", "unread"], contradicted: ["health", "contradicted"], scheduled: ["scheduled", "true"] };
const TONES = { in_review: "warn", approved: "good", published: "good", scheduled: "info" };
const ASKED = ["q", "topic", "locale", "state", "author", "look", "offset"];

export class ArticleList extends NarrowedPage {
  render() {
    this.readAddress("articles", ASKED);
    const create = h("a", { class: "button button--primary", href: "/studio/articles/new" }, icon("plus"), t("articles.new"));
    this.search = h("input", { class: "input list-search", type: "search", "aria-label": t("articles.search"), placeholder: t("articles.search"), value: this.asked.q, maxlength: "200", on: { input: () => this.soon({ q: this.search.value }) } });
    this.selects = h("div", { class: "list-selects" });
    this.count = h("p", { class: "list-count", role: "status" });
    this.rows = h("ul", { class: "list-rows", "aria-label": t("studio.page.articles") });
    this.foot = h("nav", { class: "list-foot", "aria-label": t("studio.pages_of_list") });
    this.frame({ title: t("studio.page.articles"), lead: t("studio.articles.lead"), tools: [create] },
      h("div", { class: "list-filters", role: "search" }, this.search, this.selects), this.count, this.rows, this.foot);
    this.#drawSelects({});
    this.listen(this.rows, "keydown", (event) => this.#alongRows(event));
    this.listen(document, "keydown", (event) => this.#onKey(event));
    this.load();
  }

  wish(query) {
    if (query.has("look")) query.set(...(LOOKS[this.asked.look] ?? ["look", ""]));
    query.delete("look");
  }

  first() {
    return this.rows.querySelector("a");
  }

  drawTrouble(node) {
    this.count.textContent = "";
    this.rows.replaceChildren(h("li", {}, node));
  }

  draw({ total, articles, facets = {} }) {
    this.#drawSelects(facets);
    const isFiltered = ASKED.some((name) => name !== "offset" && this.asked[name]);
    this.count.replaceChildren(plural("articles.count", total), ...this.#due(facets.due));
    const focused = this.rows.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    this.rows.replaceChildren(...(articles.length ? articles.map((one) => this.#row(one)) : [this.#nothing(isFiltered)]));
    // Whoever went on into the list before the answer to what they typed is still in it.
    if (focused !== null) ([...this.rows.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused) ?? this.first() ?? this.search).focus();
  }

  /** How many of them are due for a review; pressed, it shows those. */
  #due(count) {
    if (!count || this.asked.look === "due") return [];
    const show = async () => {
      await this.ask({ look: "due" });
      this.selects.querySelector("[name=look]")?.focus();
    };
    return [" ", h("button", { class: "badge badge--bad list-due", type: "button", on: { click: show } }, plural("articles.due.count", count))];
  }

  #nothing(isFiltered) {
    const clear = () => {
      this.search.value = "";
      this.ask(Object.fromEntries(ASKED.map((name) => [name, ""])));
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
    const one = (name) => h("select", { class: "input", name, "aria-label": t(`articles.by.${name}`), on: { change: (event) => this.ask({ [name]: event.target.value }) } },
      h("option", { value: "" }, t(`articles.by.${name}.any`)), options[name].map(([value, words]) => h("option", { value, selected: value === this.asked[name] }, words)));
    this.selects.replaceChildren(...["look", "topic", "locale", "state", ...(options.author.length ? ["author"] : [])].map(one));
    if (focused) this.selects.querySelector(`[name=${focused}]`)?.focus();
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
