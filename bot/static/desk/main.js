// The desk's page: reads what the server wrote on <relais-desk>, builds the columns, and wires them together.

import "./card.js";
import "./conversation.js";
import "./presence.js";
import "./queue.js";
import "./shortcuts.js";
import "./status.js";
import { DeskApi } from "./api.js";
import { h, icon } from "./dom.js";
import { LANGUAGES, loadLocale, locale, t } from "./i18n.js";
import { Live } from "./live.js";
import { initials, startTicking } from "./parts.js";
import { bindShortcuts } from "./shortcuts.js";
import { badgeTitle } from "./status.js";
import { Store } from "./store.js";

const LOCALE_KEY = "relais.desk.locale";
const THEME_KEY = "relais.theme";

class RelaisDesk extends HTMLElement {
  #life = null;

  async connectedCallback() {
    const me = JSON.parse(this.dataset.user);
    await loadLocale(remembered(LOCALE_KEY) ?? this.dataset.locale);
    const api = new DeskApi(this.dataset.csrf, signedOut);
    const live = new Live();
    this.store = new Store({ api, live, me });
    this.render();
    badgeTitle(this.store, this.dataset.brand);
    startTicking();
    addEventListener("hashchange", () => this.#route());
    document.addEventListener("visibilitychange", () => this.store.markSeen());
    this.store.addEventListener("handoffs", () => this.#view());
    // The session may end while the line is down; only the API can tell that from a network failure.
    live.addEventListener("refused", () => api.get("/me").catch(() => {}));
    await this.store.refresh().catch(() => {});
    await this.#route();
    live.start();
  }

  render() {
    this.#life?.abort();
    this.#life = new AbortController();
    const { store } = this;
    this.queue = h("desk-queue", { class: "column column--queue", prop: { store } });
    this.conversation = h("desk-conversation", { prop: { store } });
    this.card = h("desk-card", { prop: { store } });
    this.keys = h("desk-shortcuts", { prop: { store } });
    this.drawer = h("section", { class: "column column--card", id: "card", "aria-label": t("card.label") },
      h("div", { class: "drawer-head" }, h("h2", {}, t("head.card")), h("button", { class: "icon-button", type: "button", "aria-label": t("card.close"), on: { click: () => this.#drawer(false) } }, icon("close"))),
      this.card);
    this.replaceChildren(
      h("a", { class: "skip-link", href: "#conversation", on: { click: (event) => this.#skip(event) } }, t("skip")),
      this.#topbar(),
      h("desk-banner", { prop: { store } }),
      h("main", { class: "columns" },
        h("h1", { class: "visually-hidden" }, t("title")),
        this.queue,
        h("section", { class: "column column--conversation", id: "conversation", tabindex: "-1", "aria-label": t("conversation.label") }, this.conversation),
        h("div", { class: "scrim", on: { click: () => this.#drawer(false) } }),
        this.drawer),
      h("desk-toasts", { class: "toasts", prop: { store } }),
      h("desk-announcer", { prop: { store } }),
      this.keys);
    this.addEventListener("open-card", () => this.#drawer(true), { signal: this.#life.signal });
    this.addEventListener("insert", ({ detail }) => this.#insert(detail), { signal: this.#life.signal });
    bindShortcuts(this.#actions(), this.#life.signal);
    this.#view();
  }

  #topbar() {
    const { me } = this.store;
    const languages = LANGUAGES.map((code) => h("button", { class: "language", type: "button", lang: code, "aria-pressed": String(code === locale()), "aria-label": t(`language.${code}`), on: { click: () => this.#speak(code) } }, code.toUpperCase()));
    const help = h("button", { class: "icon-button topbar-keys", type: "button", "aria-label": t("keys.title"), title: t("keys.title"), on: { click: () => this.keys.show() } }, icon("keyboard"));
    const theme = h("button", { class: "icon-button", type: "button", on: { click: () => this.#theme(theme) } });
    dressTheme(theme);
    const out = h("button", { class: "icon-button", type: "button", "aria-label": t("top.out"), title: t("top.out"), on: { click: () => this.#signOut() } }, icon("out"));
    return h("header", { class: "topbar" },
      h("div", { class: "topbar-brand" }, h("img", { src: "/static/desk/favicon.svg", alt: "", width: "26", height: "26" }), h("span", { class: "topbar-name" }, "Relais"), h("span", { class: "topbar-house" }, this.dataset.brand)),
      h("div", { class: "topbar-tools" }, h("desk-presence", { prop: { store: this.store } }), h("div", { class: "languages", role: "group", "aria-label": t("top.language") }, languages), help, theme,
        h("span", { class: "topbar-me" }, h("span", { class: "avatar avatar--small", "aria-hidden": "true" }, initials(me.name)), h("span", { class: "topbar-person" }, me.name)), out));
  }

  #actions() {
    return {
      next: () => this.queue.move(1),
      previous: () => this.queue.move(-1),
      accept: () => (this.store.selected ? this.conversation.accept() : this.queue.move(1)),
      decline: () => this.conversation.decline(),
      reply: () => this.conversation.focusReply(),
      card: () => this.#drawer(!this.hasAttribute("data-card")),
      help: () => this.keys.show(),
      escape: () => this.#escape(),
    };
  }

  #escape() {
    if (this.hasAttribute("data-card")) this.#drawer(false);
    else this.queue.focusCurrent();
  }

  /** The address says which handoff is open, so that a reload, a bookmark and “back” do what one expects. */
  async #route() {
    const match = location.hash.match(/^#\/handoffs\/(.+)$/);
    this.#drawer(false);
    await this.store.select(match ? decodeURIComponent(match[1]) : null);
  }

  #view() {
    this.dataset.view = this.store.selected ? "conversation" : "queue";
  }

  #drawer(open) {
    const was = this.hasAttribute("data-card");
    this.toggleAttribute("data-card", open);
    if (open === was) return;
    if (open) this.drawer.querySelector(".drawer-head button").focus();
    else if (this.drawer.contains(document.activeElement)) this.querySelector(".head-card")?.focus();
  }

  #insert(text) {
    this.#drawer(false);
    this.querySelector("desk-composer")?.insert(text);
  }

  #skip(event) {
    event.preventDefault();
    this.querySelector("#conversation").focus();
  }

  async #speak(code) {
    remember(LOCALE_KEY, code);
    await loadLocale(code);
    this.render();
    this.querySelector(`.language[lang="${code}"]`)?.focus();
  }

  #theme(button) {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    remember(THEME_KEY, theme);
    dressTheme(button);
  }

  async #signOut() {
    const { api, outbox } = this.store;
    if (outbox.isEmpty || confirm(t("top.out.unsent"))) {
      try {
        await api.delete("/session");
        outbox.forgetAll();
        location.assign("/desk/login");
      } catch (error) {
        this.store.emit("toast", { key: "toast.failed", variables: { reason: error.message }, bad: true });
      }
    }
  }
}

let leaving = false;

function signedOut() {
  if (!leaving) {
    leaving = true; // the socket and a request may both find out: a second navigation would abort the first
    location.assign(`/desk/login?next=/desk${location.hash}`);
  }
}

function isDark() {
  return (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}

function dressTheme(button) {
  const name = t(isDark() ? "top.light" : "top.dark");
  button.setAttribute("aria-label", name);
  button.title = name;
  button.replaceChildren(icon(isDark() ? "sun" : "moon"));
}

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The choice lasts as long as the page then.
  }
}

customElements.define("relais-desk", RelaisDesk);
