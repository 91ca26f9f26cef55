// What customers ask and no article answers: the costliest first, narrowed, opened, decided on with an undo.

import { h, icon } from "/static/desk/dom.js";
import { label, plural, t } from "/static/desk/i18n.js";
import { StudioPage } from "../page.js";
import { GapRow } from "../gaps/row.js";
import { ownerName, sendOn, UNDO_MS } from "../sent/dialog.js";
import { sentRows } from "../sent/list.js";

const STATES = ["open", "in_progress", "sent", "closed", "dismissed"];
const DAYS = [7, 30, 90];
const ASKED = ["state", "locale", "channel", "days"];
const LOOK_AGAIN_MS = 10_000;
const WHILE_GROUPING_MS = 700;
const UNDER_WAY = ["asked", "running"];

export default class StudioGaps extends StudioPage {
  #call = 0;
  #timer = 0;

  render() {
    const asked = new URLSearchParams(location.search);
    this.asked = Object.fromEntries(ASKED.map((name) => [name, asked.get(name) ?? ""]));
    if (!STATES.includes(this.asked.state)) this.asked.state = "open";
    this.regroup = h("button", { class: "button", type: "button", on: { click: () => this.#regroup() } }, icon("swap"), t("gaps.regroup"));
    this.tabs = h("div", { class: "tabs", role: "group", "aria-label": t("gaps.states") });
    this.selects = h("div", { class: "list-selects" });
    this.count = h("p", { class: "list-count", role: "status" });
    this.grouping = h("div", { class: "gap-grouping", tabindex: "-1" });
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
    try {
      const isSent = this.asked.state === "sent";
      const [found, list] = await Promise.all([this.api.get(`/gaps?${query}`), isSent && this.api.get("/sent-on")]);
      if (mine !== this.#call || !this.isConnected) return;
      this.#draw(found, list);
      if (UNDER_WAY.includes(found.grouping.state)) return this.#follow(mine, found.waiting);
    } catch (error) {
      if (mine !== this.#call || !this.isConnected) return;
      this.#failed(error);
    }
    this.#timer = setTimeout(() => !document.hidden && this.load(), LOOK_AGAIN_MS);
  }

  /** What is shown stays; where nothing is, the reason stands until the list can be read again. */
  #failed({ message }) {
    if (this.rows.querySelector(".gap")) return;
    this.rows.replaceChildren(h("li", { class: "page-error", role: "alert" }, message));
    this.shownSent = "";
  }

  /** While a grouping goes on only how far it is is read; then the list, once. */
  #follow(mine, waiting) {
    this.#timer = setTimeout(async () => {
      if (document.hidden) return;
      const found = await this.api.get("/gaps/regroup").catch(() => null);
      if (mine !== this.#call || !this.isConnected) return;
      if (found && !UNDER_WAY.includes(found.grouping.state)) return this.load();
      if (found) this.#drawGrouping(found.grouping, waiting);
      this.#follow(mine, waiting);
    }, WHILE_GROUPING_MS);
  }

  #draw(found, list) {
    const { gaps, counts, waiting, grouping } = found;
    this.#drawTabs(counts);
    this.#drawSelects(found);
    this.#drawGrouping(grouping, waiting);
    this.selects.hidden = Boolean(list);
    if (list) return this.#drawSent(list.sent);
    this.shownSent = "";
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
    if (!rows.length) return this.rows.replaceChildren(this.#nothing());
    return this.#inOrder(rows);
  }

  #drawSent(sent) {
    const signature = JSON.stringify(sent);
    if (signature === this.shownSent) return;
    this.shownSent = signature;
    this.count.textContent = sent.length ? plural("sent.count", sent.length) : "";
    this.rows.replaceChildren(...sentRows(sent, { settle: (one, state) => this.#settle(one, state), write: (one) => this.write(one) }));
  }

  async #settle(one, state) {
    const answer = await this.run(() => this.api.put(`/sent-on/${one.sent_id}/state`, { state }));
    if (!answer) return;
    const back = () => this.run(() => this.api.put(`/sent-on/${one.sent_id}/state`, { state: answer.before }), "studio.undone").then(() => this.load());
    this.studio.say(`sent.said.${state}`, { owner: ownerName(one.owner) }, { action: { label: t("studio.undo"), run: back }, stays: UNDO_MS });
    await this.load();
    (this.rows.querySelector(`[data-sent="${one.sent_id}"] button`) ?? this.tabs.querySelector("[aria-pressed=true]")).focus();
  }

  async sendOn(gap) {
    if (!(await sendOn(this, { gap_id: gap.gap_id }, this.days))) return;
    await this.load();
    (this.rows.querySelector("button, a") ?? this.tabs.querySelector("[aria-pressed=true]")).focus();
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
    const { state, locale, channel } = this.asked;
    const clear = async () => {
      await this.#ask({ locale: "", channel: "" });
      this.selects.querySelector("select").focus();
    };
    if (locale || channel) return h("li", { class: "empty" }, icon("search"), h("p", { class: "empty-title" }, t("gaps.nomatch")), h("button", { class: "button", type: "button", on: { click: clear } }, t("articles.clear")));
    const key = state === "open" ? "gaps.empty" : "gaps.none";
    return h("li", { class: "empty" }, icon(state === "open" ? "check" : "question"), h("p", { class: "empty-title" }, t(key)), h("p", {}, t(state === "open" ? "gaps.empty.how" : `gaps.none.${state}`)));
  }

  #drawTabs(counts) {
    const signature = JSON.stringify([counts, this.asked.state]);
    if (signature === this.shownTabs) return;
    this.shownTabs = signature;
    const focused = this.tabs.contains(document.activeElement) ? document.activeElement.name : null;
    this.tabs.replaceChildren(...STATES.map((state) => h("button", { class: "button button--small tab", type: "button", name: state, "aria-pressed": String(state === this.asked.state), on: { click: () => this.#ask({ state }) } },
      t(`gaps.states.${state}`), " ", h("span", { class: "tab-count" }, counts[state]))));
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

  #drawGrouping({ state, done, total, whole, tries }, waiting) {
    const isOn = whole && UNDER_WAY.includes(state);
    // What is new is tried again by itself: until that went well, it has failed.
    const hasFailed = state === "failed" || (!whole && tries > 1);
    this.regroup.disabled = isOn;
    const shown = isOn ? "on" : JSON.stringify([hasFailed, waiting]);
    if (shown !== this.shownGrouping) {
      this.shownGrouping = shown;
      this.bar = h("progress", { class: "gap-bar", "aria-label": t("gaps.grouping") });
      this.grouping.replaceChildren(...(isOn ? [h("p", {}, t("gaps.grouping")), this.bar] : [
        hasFailed && h("div", { class: "page-error gap-failed", role: "alert" }, h("p", {}, t("gaps.failed")),
          h("button", { class: "button button--small", type: "button", on: { click: () => this.#regroup(true) } }, t("gaps.again"))),
        waiting > 0 && h("p", { class: "list-count" }, plural("gaps.waiting", waiting))].filter(Boolean)));
    }
    if (isOn && total) Object.assign(this.bar, { max: total, value: done });
  }

  async #regroup(isAgain = false) {
    this.regroup.disabled = true;
    if (!(await this.run(() => this.api.post("/gaps/regroup")))) this.regroup.disabled = false;
    await this.load();
    if (isAgain) this.grouping.focus();
  }

  /** A press of a row: what it does to the gap, and the way back. */
  async decide(gap, state) {
    const answer = await this.run(() => this.api.put(`/gaps/${gap.gap_id}/state`, { state }));
    if (!answer) return;
    const back = () => this.run(() => this.api.put(`/gaps/${gap.gap_id}/state`, { state: answer.before }), "studio.undone").then(() => this.load());
    this.studio.say(`gaps.said.${state}`, {}, { action: { label: t("studio.undo"), run: back }, stays: UNDO_MS });
    await this.load();
    (this.rows.querySelector("button, a") ?? this.tabs.querySelector("[aria-pressed=true]")).focus();
  }

  async write(gap) {
    const made = await this.run(() => this.api.post(`/gaps/${gap.gap_id}/draft`, {}));
    if (made) location.assign(`/studio/articles/${encodeURIComponent(made.article_id)}?locale=${made.locale}`);
  }
}

customElements.define("studio-gaps", StudioGaps);
