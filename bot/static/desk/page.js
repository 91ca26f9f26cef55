// A page beside the desk: the same bar and rail around what pages/<name>.js draws.

import "./notices.js";
import "./status.js";
import { DeskApi } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { Live } from "./live.js";
import { startTicking } from "./parts.js";
import { drawPage, signedOut, startLocale } from "./topbar.js";

class RelaisPage extends HTMLElement {
  async connectedCallback() {
    this.me = JSON.parse(this.dataset.user);
    await startLocale(this.dataset.locale);
    this.api = new DeskApi(this.dataset.csrf, signedOut);
    this.live = new Live();
    this.live.addEventListener("refused", () => this.api.get("/me").catch(() => {}));
    // What the banner and the toasts listen to.
    this.store = Object.assign(new EventTarget(), { live: this.live, me: this.me });
    this.draw = (await import(`./pages/${this.dataset.page}.js`)).default;
    startTicking();
    this.render();
    // What is live is about conversations: who has none of them would be refused again and again.
    if (JSON.parse(this.dataset.pages).includes("desk")) this.live.start();
  }

  /** A short message at the foot of the page. `action`: `{label, run}`, for an undo. */
  say(key, variables = {}, { bad = false, action = null } = {}) {
    this.store.dispatchEvent(new CustomEvent("toast", { detail: { key, variables, bad, action } }));
  }

  render() {
    const { me, api, live, store } = this;
    const page = this.dataset.page;
    const { brand, pages } = this.dataset;
    const say = (...words) => this.say(...words);
    document.title = `${t(`page.${page}`)} · ${brand}`;
    const above = [h("desk-banner", { prop: { store } })];
    const main = drawPage(this, { api, say, store, above, me, brand, pages: JSON.parse(pages), current: page, onSpeak: () => this.render() });
    main.append(this.draw({ api, live, me, say }));
  }
}

customElements.define("relais-page", RelaisPage);
