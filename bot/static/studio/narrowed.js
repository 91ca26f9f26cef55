// The base of pages that are searched, narrowed and read a page at a time. The address keeps what was asked.

import { h } from "/static/desk/dom.js";
import { t } from "/static/desk/i18n.js";
import { StudioPage } from "./page.js";

const PER_PAGE = 50;
const SOON_MS = 220;

/** A page calls `readAddress` and `load()`, and has `draw(found)`, `drawTrouble(node)`, a `foot`, `first()` (where one goes on reading), perhaps `wish(query)`. */
export class NarrowedPage extends StudioPage {
  #timer = 0;
  #call = 0;

  /** `path`: of the page and of what it asks; `names`: what it may be asked for. */
  readAddress(path, names) {
    const given = new URLSearchParams(location.search);
    this.path = path;
    this.asked = Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""]));
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    super.disconnectedCallback();
  }

  /** Once typing pauses. */
  soon(changed) {
    Object.assign(this.asked, { offset: "" }, changed);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.load(), SOON_MS);
  }

  /** Something else is asked for: from the first page on. */
  ask(changed) {
    Object.assign(this.asked, { offset: "" }, changed);
    return this.load();
  }

  async load() {
    const mine = ++this.#call;
    const query = new URLSearchParams(Object.entries(this.asked).filter(([, value]) => value));
    history.replaceState(null, "", `/studio/${this.path}${query.size ? `?${query}` : ""}`);
    query.set("limit", PER_PAGE);
    this.wish?.(query);
    try {
      const found = await this.api.get(`/${this.path}?${query}`);
      if (mine !== this.#call || !this.isConnected) return;
      this.draw(found);
      this.#drawFoot(found);
    } catch (error) {
      if (mine !== this.#call || !this.isConnected) return;
      const again = error.retryable && h("button", { class: "button button--small", type: "button", on: { click: () => this.load() } }, t("banner.retry"));
      this.drawTrouble(h("div", { class: "page-error list-error", role: "alert" }, error.message, again));
      this.foot.replaceChildren();
    }
  }

  #drawFoot({ total, articles: { length } }) {
    const offset = Number(this.asked.offset) || 0;
    const press = (words, to, can) => h("button", { class: "button", type: "button", disabled: !can, on: { click: () => this.#turn(to) } }, words);
    if (total <= PER_PAGE && !offset) return this.foot.replaceChildren();
    return this.foot.replaceChildren(press(t("studio.previous"), Math.max(0, offset - PER_PAGE), offset > 0),
      h("span", {}, t("studio.shown", { from: offset + 1, to: offset + length, total })), press(t("studio.next"), offset + PER_PAGE, offset + length < total));
  }

  async #turn(to) {
    await this.ask({ offset: to ? String(to) : "" });
    this.closest("main").scrollTop = 0;
    this.first()?.focus();
  }
}
