// How the articles fare: totals, what is to be looked at, a sortable table, topics. The address keeps what was asked.

import { h, icon } from "/static/desk/dom.js";
import { label, plural, t } from "/static/desk/i18n.js";
import { questionsBehind, versionsOf } from "../health/behind.js";
import { articleRow, heads, topicsTable, totals } from "../health/table.js";
import { StudioPage } from "../page.js";

const PER_PAGE = 50;
const SOON_MS = 220;
const PERIODS = ["7", "30", "90"];
const LOOKS = ["", "any", "contradicted", "due", "stale", "missing", "unread"];
const ASKED = ["days", "q", "topic", "locale", "look", "sort", "order", "offset"];
const SHEET = "/static/studio/health.css";

class StudioHealth extends StudioPage {
  #timer = 0;
  #call = 0;

  render() {
    if (!document.head.querySelector(`link[href="${SHEET}"]`)) document.head.append(h("link", { rel: "stylesheet", href: SHEET }));
    const asked = new URLSearchParams(location.search);
    this.asked = Object.fromEntries(ASKED.map((name) => [name, asked.get(name) ?? ""]));
    if (!PERIODS.includes(this.asked.days)) this.asked.days = "30";
    if (!LOOKS.includes(this.asked.look)) this.asked.look = "";
    const search = t("health.search");
    this.search = h("input", { class: "input list-search", type: "search", "aria-label": search, placeholder: search, value: this.asked.q, maxlength: "200", on: { input: () => this.#soon() } });
    this.periods = h("div", { class: "health-period", role: "group", "aria-label": t("health.period") });
    this.looks = h("div", { class: "health-looks", role: "group", "aria-label": t("health.looks") });
    this.why = h("p", { class: "health-why" });
    this.sums = h("div", { class: "panels health-sums" });
    this.count = h("p", { class: "list-count", role: "status" }, t("health.loading"));
    this.box = h("div", {});
    this.foot = h("nav", { class: "list-foot", "aria-label": t("health.pages") });
    this.topics = h("section", { class: "page-section" });
    this.frame({ title: t("studio.page.health"), lead: t("health.lead"), tools: [this.periods] },
      this.sums, this.looks, this.why,
      h("div", { class: "list-filters", role: "search" }, this.search, h("div", { class: "list-selects" }, this.#select("topic", this.studio.topics, "health.topic.any"), this.#select("locale", this.studio.languages, "health.language.any"))),
      this.count, this.box, this.foot, this.topics);
    this.#drawPeriods();
    this.#load();
  }

  #select(name, codes, any) {
    const kind = name === "locale" ? "language" : name;
    return h("select", { class: "input", name, "aria-label": t(`health.by.${name}`), on: { change: (event) => this.#ask({ [name]: event.target.value }) } },
      h("option", { value: "" }, t(any)), codes.map((code) => h("option", { value: code, selected: code === this.asked[name] }, label(kind, code))));
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask({ q: this.search.value }), SOON_MS);
  }

  #ask(changed) {
    Object.assign(this.asked, { offset: "" }, changed);
    return this.#load();
  }

  async #load() {
    const mine = ++this.#call;
    const query = new URLSearchParams(Object.entries(this.asked).filter(([, value]) => value));
    history.replaceState(null, "", `/studio/health?${query}`);
    query.set("limit", PER_PAGE);
    try {
      const found = await this.api.get(`/health?${query}`);
      if (mine === this.#call && this.isConnected) this.#draw(found);
    } catch (error) {
      if (mine !== this.#call) return;
      this.count.textContent = "";
      this.box.replaceChildren(h("p", { class: "page-error", role: "alert" }, error.message));
    }
  }

  #draw(found) {
    this.#drawPeriods();
    this.#drawLooks(found.facets);
    this.why.textContent = this.asked.look && this.asked.look !== "any" ? t(`health.why.${this.asked.look}`) : "";
    this.sums.replaceChildren(...totals(found.totals));
    this.count.textContent = plural("health.count", found.total);
    const focused = this.box.contains(document.activeElement) ? document.activeElement.dataset.sort : null;
    this.box.replaceChildren(found.articles.length ? this.#table(found.articles) : this.#nothing(found));
    if (focused) this.box.querySelector(`[data-sort=${focused}]`)?.focus();
    this.#drawFoot(found);
    this.topics.replaceChildren(...(found.topics.length ? [h("h2", { id: "health-topics" }, t("health.topics")), topicsTable(found.topics)] : []));
  }

  #table(articles) {
    const { sort, order } = this.asked;
    const turn = (by) => {
      const isSame = by === (sort || "shown");
      const first = by === "title" ? "up" : "down";
      const now = order || "down";
      this.#ask({ sort: by, order: isSame ? (now === "up" ? "down" : "up") : first });
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
      this.#ask({ q: "", topic: "", locale: "", look: "" });
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
    this.#pressed(this.periods, PERIODS.map((days) => h("button", { class: "tab health-press", type: "button", value: days, "aria-pressed": String(days === this.asked.days), on: { click: () => this.#ask({ days }) } }, t(`health.days.${days}`))));
  }

  #drawLooks(facets) {
    this.#pressed(this.looks, LOOKS.map((look) => h("button", { class: "tab health-press", type: "button", value: look, "aria-pressed": String(look === this.asked.look), on: { click: () => this.#ask({ look }) } },
      t(`health.look.${look || "all"}`), look && " ", look && h("span", { class: "health-tally" }, String(facets[look])))));
  }

  #drawFoot({ total, articles }) {
    const offset = Number(this.asked.offset) || 0;
    const press = (words, to, can) => h("button", { class: "button", type: "button", disabled: !can, on: { click: () => this.#turn(to) } }, words);
    if (total <= PER_PAGE && !offset) return this.foot.replaceChildren();
    return this.foot.replaceChildren(press(t("health.previous"), Math.max(0, offset - PER_PAGE), offset > 0),
      h("span", {}, t("health.rows", { from: offset + 1, to: offset + articles.length, total })), press(t("health.next"), offset + PER_PAGE, offset + articles.length < total));
  }

  async #turn(to) {
    await this.#ask({ offset: to ? String(to) : "" });
    this.closest("main").scrollTop = 0;
    this.box.querySelector("a")?.focus();
  }
}

customElements.define("studio-health", StudioHealth);
export default StudioHealth;
