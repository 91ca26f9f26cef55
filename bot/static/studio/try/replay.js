// Last month’s questions asked of the draft: what is gained, what is lost.

import { h } from "/static/desk/dom.js";
import { plural, t } from "/static/desk/i18n.js";
import { ended } from "../jobs.js";
import { unbroken } from "../articles/draft.js";
import { decided, TryPart } from "./part.js";

const KINDS = ["loss", "other", "gain"];
const FIRST = 20;

export class TryReplay extends TryPart {
  render() {
    this.button = h("button", { class: "button", type: "button", on: { click: () => this.#start() } }, t("try.replay.do"));
    this.frame("replay", this.button);
    this.listen(this.draft, "form", () => this.#draw());
    if (this.kept.job) this.#follow();
    else this.#draw();
  }

  async #start() {
    const form = this.form;
    this.button.disabled = true;
    this.kept.replayed = null;
    this.told.replaceChildren(h("p", { class: "page-note" }, t("try.replay.reading")));
    try {
      const begun = await this.studio.api.post("/replay", { forms: [form] });
      if (!begun.job) {
        this.button.disabled = false;
        return this.told.replaceChildren(h("p", { class: "page-note" }, t("try.replay.none")));
      }
      this.kept.job = { ...begun, form };
      return this.#follow();
    } catch (error) {
      this.button.disabled = false;
      return this.failed(error);
    }
  }

  /** Look again and again until it is over, also after another tab was looked at meanwhile. */
  async #follow() {
    const { job, form, questions } = this.kept.job;
    this.button.disabled = true;
    const bar = h("progress", { max: String(questions), value: "0", "aria-label": t("try.replay") });
    const said = h("span", { class: "try-small" }, plural("try.replay.of", questions, { done: 0 }));
    const stop = h("button", { class: "button button--small", type: "button", on: { click: () => this.studio.api.delete(`/jobs/${job}`).catch(() => {}) } }, t("try.replay.stop"));
    // Each step would be read aloud.
    this.told.removeAttribute("aria-live");
    this.told.replaceChildren(h("div", { class: "try-progress" }, bar, said, stop));
    try {
      const told = await ended(this.studio.api, `/jobs/${job}`, () => this.isConnected, ({ done = 0 }) => {
        bar.value = done;
        said.textContent = plural("try.replay.of", questions, { done: Math.min(done, questions) });
      });
      if (!told) return;
      this.kept.job = null;
      if (told.state === "done") this.kept.replayed = { form, result: told.result };
      if (told.state === "failed") this.failed(told.error);
      else if (told.state === "cancelled") this.told.replaceChildren(h("p", { class: "page-note" }, t("try.replay.stopped")));
      else this.#draw();
    } catch (error) {
      this.kept.job = null;
      this.failed(error);
    }
    this.told.setAttribute("aria-live", "polite");
    this.button.disabled = false;
  }

  #draw() {
    if (!this.kept.replayed) return;
    const { form, result } = this.kept.replayed;
    const note = this.stale(form, () => this.#start());
    const shown = result === this.shown ? [...this.told.children].filter((child) => !child.matches(".try-stale")) : this.#result(result);
    this.shown = result;
    this.told.replaceChildren(...[note, ...shown].filter(Boolean));
  }

  #result({ changes, more, totals }) {
    const { answered, asked } = totals;
    const figure = (name, value) => h("div", { class: `try-figure${value ? ` try-figure--${name}` : ""}` }, h("dt", {}, t(`try.replay.${name}`)), h("dd", {}, String(value)));
    const head = [
      h("p", {}, plural("try.replay.asked", asked, { before: answered.before, after: answered.after })),
      h("dl", { class: "try-figures" }, ["gain", "loss", "other"].map((kind) => figure(kind, totals[kind]))),
    ];
    if (!changes.length) return [...head, h("p", { class: "page-note" }, t("try.replay.same"))];
    return [...head, ...KINDS.map((kind) => group(kind, changes.filter(({ change }) => change === kind))), more > 0 && h("p", { class: "try-small" }, plural("try.replay.more", more))];
  }
}

function group(kind, changes) {
  if (!changes.length) return null;
  const list = h("ol", { class: "try-changes" }, changes.slice(0, FIRST).map(changed));
  const rest = changes.slice(FIRST);
  const all = rest.length > 0 && h("button", { class: "button button--small", type: "button", on: { click: () => {
    list.append(...rest.map(changed));
    list.children[FIRST].tabIndex = -1;
    list.children[FIRST].focus();
    all.remove();
  } } }, plural("try.replay.show", rest.length));
  return h("details", { class: "try-group", open: true }, h("summary", {}, t("try.replay.group", { kind: t(`try.replay.${kind}`), count: changes.length })), list, all);
}

function changed({ question, count, before, after, locale }) {
  const side = (name, one) => h("div", { class: "try-was" }, h("dt", {}, t(`try.replay.${name}`)), h("dd", {}, decided(one), one.title && h("span", {}, one.title)));
  return h("li", {}, h("p", { class: "try-title" }, h("span", { lang: locale }, unbroken(question)), count > 1 && h("span", { class: "try-times" }, t("try.replay.times", { count }))),
    h("dl", { class: "try-sides-small" }, side("before", before), side("after", after)));
}

customElements.define("try-replay", TryReplay);
