// What customers ask and no article answers: the costliest first, narrowed, opened, decided on with an undo.

import { h, icon } from "/static/desk/dom.js";
import { label, plural, t } from "/static/desk/i18n.js";
import { StudioPage } from "../page.js";
import { GapRow } from "../gaps/row.js";

const STATES = ["open", "in_progress", "closed", "dismissed"];
const DAYS = [7, 30, 90];
const ASKED = ["state", "locale", "channel", "days"];
const LOOK_AGAIN_MS = 10_000;
const WHILE_GROUPING_MS = 700;

export default class StudioGaps extends StudioPage {
  #call = 0;
  #timer = 0;

  render() {
    const asked = new URLSearchParams(location.search);
    this.asked = Object.fromEntries(ASKED.map((name) => [name, asked.get(name) ?? ""]));
    if (!STATES.includes(this.asked.state)) this.asked.state = "open";
    this.regroup = h("button", { class: "button", type: "button", on: { click: () => this.#regroup() } }, icon("swap"), t("gaps.regroup"));
    this.tabs = h("div", { class: "gap-tabs", role: "group", "aria-label": t("gaps.states") });
    this.selects = h("div", { class: "list-selects" });
    this.count = h("p", { class: "list-count", role: "status" });
    this.grouping = h("div", { class: "gap-grouping" });
    this.rows = h("ul", { class: "gap-rows", "aria-label": t("studio.page.gaps") });
    this.frame({ title: t("studio.page.gaps"), lead: t("gaps.lead"), tools: [this.regroup] },
      h("div", { class: "gap-filters" }, this.tabs, this.selects), this.grouping, this.count, this.rows);
    this.listen(document, "visibilitychange", () => !document.hidden && this.load());
    this.load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  #ask(changed) {
    Object.assign(this.asked, changed);
    return this.load();
  }

  /** Read the list again; what is open stays open, and the focus where it is. */
  async load() {
    const mine = ++this.#call;
    clearTimeout(this.#timer);
    const query = new URLSearchParams(Object.entries(this.asked).filter(([, value]) => value));
    history.replaceState(null, "", `/studio/gaps?${query}`);
    let next = LOOK_AGAIN_MS;
    try {
      const found = await this.api.get(`/gaps?${query}`);
      if (mine !== this.#call || !this.isConnected) return;
      this.#draw(found);
      if (["asked", "running"].includes(found.grouping.state)) next = WHILE_GROUPING_MS;
    } catch (error) {
      if (mine !== this.#call || !this.isConnected) return;
      if (!this.rows.querySelector(".gap")) this.rows.replaceChildren(h("li", { class: "page-error", role: "alert" }, error.message));
    }
    this.#timer = setTimeout(() => !document.hidden && this.load(), next);
  }

  #draw(found) {
    const { gaps, counts, waiting, grouping } = found;
    this.#drawTabs(counts);
    this.#drawSelects(found);
    this.#drawGrouping(grouping, waiting);
    const questions = gaps.reduce((sum, gap) => sum + gap.questions, 0);
    const said = gaps.length ? `${plural("gaps.count", gaps.length)} · ${plural("gaps.questions", questions)}` : "";
    if (this.count.textContent !== said) this.count.textContent = said;
    const known = new Map([...this.rows.querySelectorAll("gap-row")].map((row) => [row.gap.gap_id, row]));
    const most = Math.max(1, ...gaps.flatMap((gap) => gap.weeks));
    const rows = gaps.map((gap) => {
      const row = known.get(gap.gap_id) ?? Object.assign(new GapRow(), { page: this });
      row.show(gap, { most, days: this.days });
      return row;
    });
    if (!rows.length) this.rows.replaceChildren(this.#nothing());
    else this.#inOrder(rows);
  }

  /** Moves only what is out of place: a row that moves loses the focus within it. */
  #inOrder(rows) {
    const items = rows.map((row) => row.parentElement ?? h("li", { class: "gap" }, row));
    for (const node of [...this.rows.children]) if (!items.includes(node)) node.remove();
    items.forEach((item, at) => {
      if (this.rows.children[at] !== item) this.rows.insertBefore(item, this.rows.children[at] ?? null);
    });
  }

  get days() {
    return Number(this.asked.days) || 30;
  }

  #nothing() {
    const isNarrowed = this.asked.locale || this.asked.channel;
    const key = this.asked.state === "open" && !isNarrowed ? "gaps.empty" : "gaps.none";
    return h("li", { class: "empty" }, icon(key === "gaps.empty" ? "check" : "search"), h("p", { class: "empty-title" }, t(key)),
      key === "gaps.empty" && h("p", {}, t("gaps.empty.how")));
  }

  #drawTabs(counts) {
    const signature = JSON.stringify([counts, this.asked.state]);
    if (signature === this.shownTabs) return;
    this.shownTabs = signature;
    const focused = this.tabs.contains(document.activeElement) ? document.activeElement.name : null;
    this.tabs.replaceChildren(...STATES.map((state) => h("button", { class: "button button--small tab", type: "button", name: state, "aria-pressed": String(state === this.asked.state), on: { click: () => this.#ask({ state }) } },
      t(`gaps.states.${state}`), h("span", { class: "gap-number" }, counts[state]))));
    if (focused) this.tabs.querySelector(`[name="${focused}"]`)?.focus();
  }

  #drawSelects({ locales, channels }) {
    const signature = JSON.stringify([locales, channels, this.asked]);
    if (signature === this.shownSelects) return;
    this.shownSelects = signature;
    const focused = this.selects.contains(document.activeElement) ? document.activeElement.name : null;
    const one = (name, options, any) => h("select", { class: "input", name, "aria-label": t(`gaps.by.${name}`), on: { change: (event) => this.#ask({ [name]: event.target.value }) } },
      any && h("option", { value: "" }, any), options.map(([value, words]) => h("option", { value, selected: String(value) === (this.asked[name] || (name === "days" ? "30" : "")) }, words)));
    this.selects.replaceChildren(
      one("days", DAYS.map((days) => [days, t("gaps.days", { days })])),
      one("locale", locales.map((code) => [code, label("language", code)]), t("gaps.any.locale")),
      one("channel", channels.map((code) => [code, label("channel", code)]), t("gaps.any.channel")));
    if (focused) this.selects.querySelector(`[name="${focused}"]`)?.focus();
  }

  #drawGrouping({ state, done, total, whole }, waiting) {
    const isOn = whole && ["asked", "running"].includes(state);
    this.regroup.disabled = isOn;
    if (!isOn) {
      this.grouping.replaceChildren(...(waiting ? [h("p", { class: "list-count" }, plural("gaps.waiting", waiting))] : []));
      return;
    }
    if (!this.bar?.isConnected) {
      this.bar = h("progress", { class: "gap-bar", "aria-label": t("gaps.grouping") });
      this.grouping.replaceChildren(h("p", {}, t("gaps.grouping")), this.bar);
    }
    if (total) Object.assign(this.bar, { max: total, value: done });
  }

  async #regroup() {
    this.regroup.disabled = true;
    if (!(await this.run(() => this.api.post("/gaps/regroup")))) this.regroup.disabled = false;
    this.load();
  }

  /** A press of a row: what it does to the gap, and the way back. */
  async decide(gap, state) {
    const answer = await this.run(() => this.api.put(`/gaps/${gap.gap_id}/state`, { state }));
    if (!answer) return;
    const back = () => this.run(() => this.api.put(`/gaps/${gap.gap_id}/state`, { state: answer.before }), "gaps.undone").then(() => this.load());
    this.studio.say(`gaps.said.${state}`, {}, { action: { label: t("gaps.undo"), run: back }, stays: 12_000 });
    await this.load();
    (this.rows.querySelector("button, a") ?? this.tabs.querySelector("[aria-pressed=true]")).focus();
  }

  async write(gap) {
    const made = await this.run(() => this.api.post(`/gaps/${gap.gap_id}/draft`, {}));
    if (made) location.assign(`/studio/articles/${encodeURIComponent(made.article_id)}?locale=${made.locale}`);
  }
}

customElements.define("studio-gaps", StudioGaps);
