// How the articles fare: totals, what is to be looked at, a sortable table, topics. The address keeps what was asked.

import { h, icon } from "/static/desk/dom.js";
import { label, plural, t } from "/static/desk/i18n.js";
import { questionsBehind, questionsOver, versionsOf } from "../health/behind.js";
import { pairsList } from "../health/pairs.js";
import { articleRow, heads, topicsTable, totals } from "../health/table.js";
import { NarrowedPage } from "../narrowed.js";

const PERIODS = ["7", "30", "90"];
const LOOKS = ["", "any", "contradicted", "due", "stale", "missing", "duplicate", "unread"];
const ASKED = ["days", "q", "topic", "locale", "look", "sort", "order", "offset"];

class StudioHealth extends NarrowedPage {
  render() {
    this.readAddress("health", ASKED);
    if (!PERIODS.includes(this.asked.days)) this.asked.days = "30";
    if (!LOOKS.includes(this.asked.look)) this.asked.look = "";
    const search = t("health.search");
    this.search = h("input", { class: "input list-search", type: "search", "aria-label": search, placeholder: search, value: this.asked.q, maxlength: "200", on: { input: () => this.soon({ q: this.search.value }) } });
    this.periods = h("div", { class: "tabs", role: "group", "aria-label": t("health.period") });
    this.looks = h("div", { class: "tabs health-looks", role: "group", "aria-label": t("health.looks") });
    this.why = h("p", { class: "health-why" });
    this.sums = h("div", { class: "panels health-sums" });
    this.count = h("p", { class: "list-count", role: "status" }, t("health.loading"));
    this.box = h("div", {});
    this.foot = h("nav", { class: "list-foot", "aria-label": t("studio.pages_of_list") });
    this.topics = h("section", { class: "page-section" });
    this.frame({ title: t("studio.page.health"), lead: t("health.lead"), tools: [this.periods] },
      this.sums, this.looks, this.why,
      h("div", { class: "list-filters", role: "search" }, this.search, h("div", { class: "list-selects" }, this.#select("topic", this.studio.topics, "health.topic.any"), this.#select("locale", this.studio.languages, "health.language.any"))),
      this.count, this.box, this.foot, this.topics);
    this.#drawPeriods();
    this.load();
  }

  #select(name, codes, any) {
    const kind = name === "locale" ? "language" : name;
    return h("select", { class: "input", name, "aria-label": t(`health.by.${name}`), on: { change: (event) => this.ask({ [name]: event.target.value }) } },
      h("option", { value: "" }, t(any)), codes.map((code) => h("option", { value: code, selected: code === this.asked[name] }, label(kind, code))));
  }

  first() {
    return this.box.querySelector("a");
  }

  drawTrouble(node) {
    this.count.textContent = "";
    this.box.replaceChildren(node);
  }

  draw(found) {
    const isPairs = this.asked.look === "duplicate";
    this.#drawPeriods();
    this.#drawLooks(found.facets);
    this.why.textContent = this.asked.look && this.asked.look !== "any" ? t(`health.why.${this.asked.look}`) : "";
    this.sums.replaceChildren(...totals(found.totals, (figure) => this.#over({}, figure, t("health.over.all"))));
    this.count.textContent = plural("health.count", found.total);
    const focused = this.box.contains(document.activeElement) ? document.activeElement.dataset.sort : null;
    this.foot.hidden = isPairs;
    if (isPairs) this.#drawPairs();
    else this.box.replaceChildren(found.articles.length ? this.#table(found.articles) : this.#nothing(found));
    if (focused) this.box.querySelector(`[data-sort=${focused}]`)?.focus();
    this.topics.replaceChildren(...(found.topics.length ? [h("h2", { id: "health-topics" }, t("health.topics")), topicsTable(found.topics, ({ topic, locale }, figure, of) => this.#over({ topic, locale }, figure, of))] : []));
  }

  /** What is behind a sum, narrowed as the page is, and further. */
  #over(further, figure, of) {
    const { days, q, topic, locale, look } = this.asked;
    return questionsOver(this, { days, q, topic, locale, look, ...further }, figure, of);
  }

  async #drawPairs() {
    const asked = { ...this.asked };
    const found = await this.run(() => this.api.get(`/health/duplicates?${new URLSearchParams({ q: asked.q, locale: asked.locale, topic: asked.topic })}`));
    if (!found || ["look", "q", "locale", "topic"].some((name) => this.asked[name] !== asked[name])) return;
    const focused = this.box.contains(document.activeElement);
    this.box.replaceChildren(pairsList(found.pairs, (pair) => this.#apart(pair)));
    if (focused) (this.box.querySelector("a, button") ?? this.looks.querySelector("[aria-pressed=true]")).focus();
  }

  async #apart({ locale, articles }) {
    const put = (apart) => this.api.put("/health/duplicates", { locale, articles: articles.map((one) => one.article_id), apart });
    if (!(await this.run(() => put(true)))) return;
    const back = () => this.run(() => put(false), "studio.undone").then(() => this.load());
    this.studio.say("health.pairs.said", {}, { action: { label: t("studio.undo"), run: back }, stays: 12_000 });
    await this.load();
  }

  #table(articles) {
    const { sort, order } = this.asked;
    const turn = (by) => {
      const isSame = by === (sort || "shown");
      const first = by === "title" ? "up" : "down";
      const now = order || "down";
      this.ask({ sort: by, order: isSame ? (now === "up" ? "down" : "up") : first });
    };
    const open = {
      figure: (row, figure) => questionsBehind(this, row, figure, this.asked.days),
      versions: (row) => versionsOf(this, row, this.asked.days),
    };
    return h("div", { class: "table-box" }, h("table", { class: "table health-table", "aria-label": t("studio.page.health") },
      heads(sort || "shown", order || "down", turn), h("tbody", {}, articles.map((row) => articleRow(row, open)))));
  }

  #nothing({ articles_in_all: inAll }) {
    const { look, q, topic, locale } = this.asked;
    if (!inAll) return h("div", { class: "empty" }, icon("book"), h("p", { class: "empty-title" }, t("health.empty")), h("p", {}, t("health.empty.how")), h("a", { class: "button button--primary", href: "/studio/articles/new" }, t("health.write")));
    const isFine = look && !q && !topic && !locale;
    const clear = () => {
      this.search.value = "";
      for (const select of this.querySelectorAll(".list-selects select")) select.value = "";
      this.ask({ q: "", topic: "", locale: "", look: "" });
      this.search.focus();
    };
    return h("div", { class: "empty" }, icon(isFine ? "check" : "search"), h("p", { class: "empty-title" }, t(isFine ? "health.fine" : "health.none")), isFine && h("p", {}, t("health.fine.how")), h("button", { class: "button", type: "button", on: { click: clear } }, t("health.clear")));
  }

  #pressed(box, buttons) {
    const focused = box.contains(document.activeElement) ? document.activeElement.value : null;
    box.replaceChildren(...buttons);
    if (focused !== null) [...box.children].find((button) => button.value === focused)?.focus();
  }

  #drawPeriods() {
    this.#pressed(this.periods, PERIODS.map((days) => h("button", { class: "button button--small tab", type: "button", value: days, "aria-pressed": String(days === this.asked.days), on: { click: () => this.ask({ days }) } }, t(`health.days.${days}`))));
  }

  #drawLooks(facets) {
    this.#pressed(this.looks, LOOKS.map((look) => h("button", { class: "button button--small tab", type: "button", value: look, "aria-pressed": String(look === this.asked.look), on: { click: () => this.ask({ look }) } },
      t(`health.look.${look || "all"}`), look && " ", look && h("span", { class: "tab-count" }, String(facets[look])))));
  }
}

customElements.define("studio-health", StudioHealth);
export default StudioHealth;
