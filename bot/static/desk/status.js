// What surrounds the columns: the banner of a lost connection, short messages, announcements, the title's badge.

import { h, icon } from "./dom.js";
import { DeskElement } from "./element.js";
import { duration } from "./format.js";
import { t } from "./i18n.js";
import { customerName } from "./parts.js";
import { arrivalText, offerText } from "./queue.js";

const BANNER_AFTER_MS = 1_500;
const TOAST_MS = 6_000;
// Time to read it and to reach its button.
const TOAST_WITH_ACTION_MS = 12_000;

/** Shown once the line has been down for a moment: a blink of the network is not worth a banner. */
class DeskBanner extends DeskElement {
  #lostAt = null;

  render() {
    this.text = h("span", {});
    const retry = h("button", { class: "button button--small", type: "button", on: { click: () => this.store.live.retryNow() } }, t("banner.retry"));
    this.count = h("span", { class: "banner-count", "aria-hidden": "true" });
    this.box = h("div", { class: "banner", hidden: true }, icon("alert"), this.text, this.count, retry);
    this.setAttribute("role", "status");
    this.replaceChildren(this.box);
    this.listen(this.store.live, "status", () => this.#update());
    this.every(500, () => this.#update());
  }

  #update() {
    const { online, retryAt } = this.store.live;
    if (online) this.#lostAt = null;
    else this.#lostAt ??= Date.now();
    const shown = this.#lostAt !== null && Date.now() - this.#lostAt > BANNER_AFTER_MS;
    this.box.hidden = !shown;
    if (!shown) return;
    if (this.text.textContent !== t("banner.lost")) this.text.textContent = t("banner.lost");
    const left = retryAt ? Math.ceil((retryAt - Date.now()) / 1000) : 0;
    this.count.textContent = left > 0 ? t("banner.in", { time: duration(left) }) : t("banner.now");
  }
}

/** Short messages at the foot of the page; they leave by themselves and never take the focus. */
class DeskToasts extends DeskElement {
  render() {
    this.setAttribute("role", "status");
    this.replaceChildren();
    this.listen(this.store, "toast", ({ detail }) => this.#show(t(detail.key, detail.variables), detail));
  }

  /** `stays`: ms for which its actions work; it can be closed before. */
  #show(text, { bad, action, actions = action ? [action] : [], stays = 0 }) {
    const node = h("p", { class: `toast${bad ? " toast--bad" : ""}` }, icon(bad ? "alert" : "check"), text);
    for (const { label, run } of actions) {
      const press = () => {
        node.remove();
        run();
      };
      node.append(h("button", { class: "toast-action", type: "button", on: { click: press } }, label));
    }
    if (stays) node.append(h("button", { class: "toast-close", type: "button", "aria-label": t("dialog.close"), on: { click: () => node.remove() } }, icon("close")));
    this.append(node);
    setTimeout(() => node.remove(), stays || (actions.length ? TOAST_WITH_ACTION_MS : TOAST_MS));
  }
}

/** Tells a screen reader what a glance would show: somebody new in the queue, a new message in the open conversation. */
class DeskAnnouncer extends DeskElement {
  render() {
    this.className = "visually-hidden";
    this.setAttribute("aria-live", "polite");
    this.listen(this.store, "arrived", ({ detail }) => this.#say(arrivalText(detail)));
    this.listen(this.store, "offered", ({ detail }) => this.#say(offerText(detail)));
    this.listen(this.store, "thread", ({ detail }) => this.#onThread(detail));
  }

  #onThread({ conversation_id, fresh }) {
    const item = this.store.selected;
    if (item?.conversation_id !== conversation_id) return;
    for (const message of fresh) {
      if (message.author === "customer") this.#say(t("announce.message", { name: customerName(item), text: message.text }));
      if (message.kind === "notice") this.#say(message.text);
    }
  }

  #say(text) {
    this.append(h("p", {}, text));
    while (this.children.length > 5) this.firstChild.remove();
  }
}

/** Keep the number of people waiting in the tab's title: “(2) Relais · Maison Alder”. */
export function badgeTitle(store, brand) {
  const plain = `Relais · ${brand}`;
  store.addEventListener("handoffs", () => {
    const attention = store.waiting.length + store.mine.filter((item) => store.isUnread(item)).length;
    const title = attention ? `(${attention}) ${plain}` : plain;
    if (document.title !== title) document.title = title;
  });
}

customElements.define("desk-banner", DeskBanner);
customElements.define("desk-toasts", DeskToasts);
customElements.define("desk-announcer", DeskAnnouncer);
