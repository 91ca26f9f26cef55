// One gap: its most typical question, what it costs, how it goes; opened, what is behind the figures.

import { h, icon } from "/static/desk/dom.js";
import { date, money } from "/static/desk/format.js";
import { label, plural, t } from "/static/desk/i18n.js";

const FEW = 8;

/** What questions cost: each figure with its name, which agrees in number. */
export function figuresOf({ questions, handoffs, minutes, cost_eur }) {
  const one = (words, value) => h("div", {}, h("dt", {}, words), h("dd", {}, value));
  const counted = Object.entries({ questions, handoffs, minutes }).map(([name, count]) => one(plural(`gaps.figure.${name}`, count), count));
  return [...counted, one(t("gaps.figure.cost"), money(cost_eur))];
}

export class GapRow extends HTMLElement {
  #shown = "";

  /** `page` must be set. `most`: the busiest week of the list, to which the bars are drawn. */
  show(gap, { most, days }) {
    const signature = JSON.stringify([gap, most, days]);
    if (signature === this.#shown) return;
    this.#shown = signature;
    this.gap = gap;
    this.days = days;
    const focused = this.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    this.behind ??= h("div", { class: "gap-behind", id: `gap-${gap.gap_id}`, hidden: true });
    this.replaceChildren(this.#head(gap, most), this.behind);
    if (focused) this.querySelector(`[data-act="${focused}"]`)?.focus();
    if (!this.behind.hidden) this.#open();
  }

  #head(gap, most) {
    const isOpen = !this.behind.hidden;
    this.opener = h("button", { class: "gap-title", type: "button", "aria-expanded": String(isOpen), "aria-controls": this.behind.id, data: { act: "open" }, on: { click: () => this.#toggle() } },
      h("span", { lang: gap.typical.locale }, gap.typical.text), icon("down"));
    return h("div", { class: "gap-head" },
      h("div", { class: "gap-words" }, h("h2", {}, this.opener), h("p", { class: "gap-small" }, this.#said(gap))),
      this.#bars(gap.weeks, most),
      h("dl", { class: "gap-figures" }, figuresOf(gap)),
      h("div", { class: "gap-actions" }, this.#actions(gap)));
  }

  #said({ wordless, locales, channels, reasons, asked, answered, article_id, sent_on, since }) {
    const shares = (counts, group) => Object.entries(counts).map(([code, count]) => (Object.keys(counts).length > 1 ? t("gaps.share", { what: label(group, code), count }) : label(group, code))).join(", ");
    const unhelped = reasons.not_helped && plural("gaps.unhelped", reasons.not_helped);
    const checked = article_id && asked !== null && t("gaps.answered", { answered, asked });
    const month = since && (since.asked ? t("gaps.month", since) : t("gaps.month.none"));
    const sent = sent_on.length > 0 && t("sent.already");
    return [wordless && t("gaps.wordless"), sent, shares(locales, "language"), shares(channels, "channel"), unhelped, checked, month].filter(Boolean).join(" · ");
  }

  #bars(weeks, most) {
    const [before, now] = weeks.slice(-2);
    const words = t("gaps.trend", { now, before });
    return h("div", { class: "gap-trend", title: words }, h("span", { class: "visually-hidden" }, words),
      weeks.map((count) => h("span", { class: "gap-week", "aria-hidden": "true", data: { height: Math.ceil((8 * count) / most) } })));
  }

  #actions(gap) {
    const button = (act, words, run, kind = "") => h("button", { class: `button button--small ${kind}`, type: "button", data: { act }, "aria-label": `${words} – ${gap.typical.text}`, on: { click: run } }, words);
    const decide = (state) => () => this.page.decide(gap, state);
    const write = button("write", t(gap.article_id ? "gaps.write.on" : "gaps.write"), () => this.page.write(gap), gap.state === "open" && !gap.wordless ? "button--primary" : "");
    if (gap.state === "dismissed" || gap.state === "closed") return [gap.article_id && write, button("reopen", t("gaps.reopen"), decide("open"))];
    return [write, button("send", t("sent.on"), () => this.page.sendOn(gap)), button("close", t("gaps.close"), decide("closed"), "button--quiet"), button("dismiss", t("gaps.dismiss"), decide("dismissed"), "button--quiet")];
  }

  #toggle() {
    this.behind.hidden = !this.behind.hidden;
    this.opener.setAttribute("aria-expanded", String(!this.behind.hidden));
    if (!this.behind.hidden) this.#open();
  }

  async #open() {
    try {
      const found = await this.page.api.get(`/gaps/${this.gap.gap_id}?days=${this.days}`);
      if (this.isConnected) this.behind.replaceChildren(...this.#parts(found));
    } catch (error) {
      this.behind.replaceChildren(h("p", { class: "page-error", role: "alert" }, error.message));
    }
  }

  #parts({ wordings, replies, since, telling }) {
    const part = (key, ...content) => h("section", {}, h("h3", {}, t(key)), ...content);
    const told = [telling.told && plural("gaps.told", telling.told), telling.due && plural("gaps.due", telling.due)].filter(Boolean);
    return [
      since && part("gaps.since", h("p", {}, since.asked ? t("gaps.since.figures", { answered: since.answered, asked: since.asked, until: date(since.until) }) : t("gaps.since.none", { until: date(since.until) }))),
      told.length > 0 && part("gaps.telling", h("p", {}, told.join(" · "))),
      part("gaps.wordings", this.#wordings(wordings)),
      part("gaps.replies", replies.length ? replies.map(({ text, locale }) => h("blockquote", { lang: locale }, text)) : h("p", { class: "gap-small" }, t("gaps.replies.none"))),
    ].filter(Boolean);
  }

  #wordings(wordings) {
    const row = ({ text, locale, count, last, channels, reasons }) => h("li", {}, h("span", { lang: locale }, text),
      h("span", { class: "gap-small" }, [count > 1 && t("gaps.times", { count }), label("language", locale), channels.map((code) => label("channel", code)).join(", "), reasons.map((code) => t(`gaps.reason.${code}`)).join(", "), date(last)].filter(Boolean).join(" · ")));
    const list = h("ul", { class: "gap-wordings" }, wordings.slice(0, FEW).map(row));
    if (wordings.length <= FEW) return list;
    const more = h("button", { class: "button button--small", type: "button", on: { click: () => {
      list.append(...wordings.slice(FEW).map(row));
      list.children[FEW].tabIndex = -1;
      list.children[FEW].focus();
      more.remove();
    } } }, plural("gaps.more", wordings.length - FEW));
    return [list, more];
  }
}

customElements.define("gap-row", GapRow);
