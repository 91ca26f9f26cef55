// The studio's shell: the desk's bar and rail around what pages/<name>.js draws. Strings are the desk's and the studio's own.

import "/static/desk/status.js";
import { DeskApi } from "/static/desk/api.js";
import { alsoFrom, t } from "/static/desk/i18n.js";
import { deskLink, drawPage, signedOut, startLocale } from "/static/desk/topbar.js";
import { PAGES } from "./pages.js";

const ROOT = "/api/v1/studio";

class RelaisStudio extends HTMLElement {
  async connectedCallback() {
    const { user, csrf, page, rights, languages, topics } = this.dataset;
    alsoFrom(new URL("./locales/", import.meta.url));
    await startLocale(this.dataset.locale);
    this.me = JSON.parse(user);
    this.desk = new DeskApi(csrf, signedOut);
    const mine = JSON.parse(rights);
    this.studio = {
      api: new DeskApi(csrf, signedOut, ROOT),
      me: this.me,
      say: (...words) => this.say(...words),
      may: (right) => mine.includes(right),
      // Read each time: what is new gets its address while the page stands.
      get rest() {
        return location.pathname.split("/").slice(3).map(decodeURIComponent);
      },
      languages: JSON.parse(languages),
      topics: JSON.parse(topics),
    };
    // What the toasts listen to.
    this.store = new EventTarget();
    this.Page = (await PAGES[page].load()).default;
    this.render();
  }

  /** `action`: `{label, run}`, for an undo. `stays`: ms for which it works. */
  say(key, variables = {}, { bad = false, action = null, stays = 0 } = {}) {
    this.store.dispatchEvent(new CustomEvent("toast", { detail: { key, variables, bad, action, stays } }));
  }

  render() {
    const { me, store } = this;
    const { page, brand } = this.dataset;
    const links = JSON.parse(this.dataset.pages).map((name) => ({ name, href: `/studio/${name}`, icon: PAGES[name].icon, words: t(`studio.page.${name}`) }));
    const beside = JSON.parse(this.dataset.beside).map(deskLink);
    document.title = `${t(`studio.page.${page}`)} · ${brand}`;
    const main = drawPage(this, { api: this.desk, say: this.studio.say, store, me, brand, links: [...links, ...beside], label: t("studio.pages"), current: page, onSpeak: () => this.render() });
    main.append(Object.assign(new this.Page(), { studio: this.studio }));
  }
}

customElements.define("relais-studio", RelaisStudio);
