// The desk's page: reads what the server wrote on <relais-desk>, builds the columns, and wires them together.

import "./card.js";
import "./conversation.js";
import "./notices.js";
import "./parts/index.js";
import "./presence.js";
import "./queue.js";
import "./shortcuts.js";
import "./status.js";
import { DeskApi } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { Live } from "./live.js";
import { startTicking } from "./parts.js";
import { bindShortcuts } from "./shortcuts.js";
import { badgeTitle } from "./status.js";
import { Store } from "./store.js";
import { frame, signedOut, startLocale } from "./topbar.js";

class RelaisDesk extends HTMLElement {
  #life = null;

  async connectedCallback() {
    const me = JSON.parse(this.dataset.user);
    await startLocale(this.dataset.locale);
    const api = new DeskApi(this.dataset.csrf, signedOut);
    const live = new Live();
    this.store = new Store({ api, live, me });
    this.render();
    badgeTitle(this.store, this.dataset.brand);
    startTicking();
    addEventListener("hashchange", () => this.#route());
    document.addEventListener("visibilitychange", () => this.store.markSeen());
    this.store.addEventListener("handoffs", () => this.#onList());
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
    const help = h("button", { class: "icon-button topbar-keys", type: "button", "aria-label": t("keys.title"), title: t("keys.title"), on: { click: () => this.keys.show() } }, icon("keyboard"));
    const tools = [h("desk-presence", { prop: { store } }), h("desk-mentions", { prop: { store } }), h("desk-notices", { prop: { store } }), help];
    const { bar, rail } = frame({ me: store.me, brand: this.dataset.brand, pages: JSON.parse(this.dataset.pages), current: "desk", tools, onSpeak: () => this.render(), onSignOut: () => this.#signOut() });
    this.replaceChildren(
      h("a", { class: "skip-link", href: "#conversation", on: { click: (event) => this.#skip(event) } }, t("skip")),
      bar,
      h("desk-banner", { prop: { store } }),
      h("div", { class: "frame" },
        rail,
        h("main", { class: "columns" },
          h("h1", { class: "visually-hidden" }, t("title")),
          this.queue,
          h("section", { class: "column column--conversation", id: "conversation", tabindex: "-1", "aria-label": t("conversation.label") }, this.conversation),
          h("div", { class: "scrim", on: { click: () => this.#drawer(false) } }),
          this.drawer)),
      h("desk-toasts", { class: "toasts", prop: { store } }),
      h("desk-announcer", { prop: { store } }),
      this.keys);
    this.addEventListener("open-card", () => this.#drawer(true), { signal: this.#life.signal });
    this.addEventListener("insert", ({ detail }) => this.#insert(detail), { signal: this.#life.signal });
    bindShortcuts(this.#actions(), store, this.#life.signal);
    this.#view();
  }

  #actions() {
    return {
      next: () => this.queue.move(1),
      previous: () => this.queue.move(-1),
      accept: () => this.#followed(() => (this.store.selected ? this.conversation.accept() : this.queue.move(1))),
      decline: () => this.#followed(() => this.conversation.decline()),
      reply: () => this.#followed(() => this.conversation.focusReply()),
      card: () => this.#drawer(!this.hasAttribute("data-card")),
      help: () => this.keys.show(),
      escape: () => this.#escape(),
    };
  }

  #escape() {
    if (this.hasAttribute("data-card")) this.#drawer(false);
    else this.queue.focusCurrent();
  }

  /** On what the address says now: the browser tells of a row that was pressed only after keys that came meanwhile. */
  #followed(action) {
    if (addressed() !== this.wanted) this.#route();
    action();
  }

  /** The address says which handoff is open, so that a reload, a bookmark and “back” do what one expects. */
  async #route() {
    this.#drawer(false);
    this.wanted = addressed();
    this.conversation.missing("");
    await this.store.select(this.wanted);
    if (this.#isSought()) await this.#seek(this.wanted);
  }

  #isSought() {
    return Boolean(this.wanted) && this.store.selected?.handoff_id !== this.wanted;
  }

  /** A link may come before its row does: it is opened once the list has it; what is over, or nowhere, is said. */
  async #seek(wanted) {
    this.conversation.missing("seeking");
    let found = "over";
    try {
      const { status } = await this.store.api.get(`/handoffs/${wanted}`);
      if (["requested", "offered", "accepted"].includes(status)) {
        found = "seeking";
        await this.store.refresh();
      }
    } catch (error) {
      found = error.code === "unknown_handoff" ? "unknown" : "seeking";
    }
    if (this.wanted === wanted && this.#isSought()) this.conversation.missing(found);
  }

  #onList() {
    if (this.#isSought() && this.store.handoffs.some((item) => item.handoff_id === this.wanted)) this.store.select(this.wanted);
    this.#view();
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

function addressed() {
  return location.hash.match(/^#\/handoffs\/([\w%-]+)$/)?.[1] ?? null;
}

customElements.define("relais-desk", RelaisDesk);
