// <relais-chat>: the button on the page, and the chat that it opens, in a shadow root of their own.
import { Api } from "./api.js";
import { h, icon } from "./dom.js";
import { LOCALES, startingLocale, Texts } from "./i18n.js";
import { askLook, paint, sheetOf } from "./look.js";
import { Store } from "./store.js";

const BASE = new URL("../", import.meta.url);
// Below this width the chat fills the screen, and is modal.
const NARROW = "(max-width: 480px)";
const PLACE_EVERY_MS = 20000;

export class RelaisChat extends HTMLElement {
  #root;
  #store = new Store(BASE.href);
  #locales;
  #api;
  #ready;
  #texts;
  #look;
  #loading = null;
  #Panel;
  #conversation = null;
  #panel = null;
  #launcher;
  #seen = this.#recall("seen");
  #leave = new AbortController();
  #narrow = matchMedia(NARROW);

  connectedCallback() {
    if (this.#root) return;
    this.#root = this.attachShadow({ mode: "open" });
    this.#ready = this.#prepare();
  }

  async #prepare() {
    this.#locales = startingLocale(this.getAttribute("locale"), this.#store.read("locale"));
    this.#api = new Api(BASE, this.#locales.locale);
    const [sheet, texts, look] = await Promise.all([sheetOf("relais.css"), Texts.load(this.#locales.locale), askLook(this.#api)]);
    this.#root.adoptedStyleSheets = [paint(look), sheet];
    this.#texts = texts;
    this.#look = { languages: LOCALES, ...look };
    if (!this.hasAttribute("position") && look.position) this.setAttribute("position", look.position);
    this.#drawLauncher();
    this.#listen();
    this.#takeUp();
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.#conversation?.live.stop();
  }

  get opened() {
    return this.#panel !== null;
  }

  /** Opens the chat; what is kept of an earlier conversation is taken up here, not before. */
  async open({ focus = true } = {}) {
    // A button of the page may be pressed before ours is drawn.
    await this.#ready;
    if (this.opened || !this.#texts) return;
    this.#launcher.setAttribute("aria-busy", "true");
    await this.#load().finally(() => this.#launcher.removeAttribute("aria-busy"));
    if (this.opened) return;
    this.#remember("open", true);
    this.#showPanel();
    if (focus) this.#focus();
    await this.#begin();
  }

  close() {
    if (!this.opened) return;
    this.#remember("open", false);
    this.#panel.node.remove();
    this.#panel = null;
    this.#launcher.hidden = false;
    delete this.dataset.open;
    this.#launcher.focus();
    this.#badge();
  }

  // The chat itself: everything that the button alone does not need. A failed load is tried again at the next press.
  #load() {
    this.#loading ??= this.#fetchChat().catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #fetchChat() {
    const parts = [import("./conversation.js"), import("./panel.js"), sheetOf("panel.css")];
    const [{ Conversation }, { Panel }, sheet] = await Promise.all(parts);
    this.#root.adoptedStyleSheets = [...this.#root.adoptedStyleSheets, sheet];
    this.#Panel = Panel;
    this.#converse(Conversation);
  }

  // On load: an open chat stays open beside the page, and a customer who waits for a person is told of an answer.
  #takeUp() {
    if (this.#recall("open") && !this.#narrow.matches) this.open({ focus: false });
    else if (this.#store.read("conversation")?.attended) this.#load().then(() => this.#begin());
  }

  #converse(Conversation) {
    const identityUrl = this.getAttribute("identity-url");
    const identity = async () => (await import("./identity.js")).askIdentity(identityUrl);
    this.#conversation = new Conversation(this.#api, this.#store, identityUrl ? identity : async () => undefined);
    const { signal } = this.#leave;
    this.#conversation.addEventListener("change", () => this.#update(), { signal });
    this.#conversation.addEventListener("trouble", ({ detail }) => this.#panel?.trouble(detail, true), { signal });
  }

  async #begin() {
    const conversation = this.#conversation;
    try {
      await conversation.arrive();
      conversation.reachable = true;
    } catch (error) {
      if (error.status === 0) conversation.reachable = false;
      else this.#panel?.trouble(error);
      // Sending tries again at once; an open chat also tries by itself.
      if (error.transient) setTimeout(() => (this.opened || conversation.attended) && this.#begin(), (error.retryAfter ?? 4) * 1000);
    }
    this.#update();
    this.#panel?.toEnd();
    this.#panel?.announce();
  }

  #listen() {
    const { signal } = this.#leave;
    const awake = () => {
      if (!this.#conversation?.begun || document.hidden) return;
      this.#conversation.live.wake();
      this.#conversation.outbox.wake();
      this.#conversation.catchUp();
    };
    addEventListener("online", () => (this.#conversation?.live.doubt(), awake()), { signal });
    addEventListener("offline", () => this.#update(), { signal });
    document.addEventListener("visibilitychange", awake, { signal });
    this.#root.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#narrow.addEventListener("change", () => this.#setModal(), { signal });
    this.#store.watch("conversation", () => this.#conversation?.follow().catch(() => {}), signal);
    const refresh = () => this.#conversation?.state.owner === "queue" && awake();
    const timer = setInterval(refresh, PLACE_EVERY_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  #drawLauncher() {
    const label = h("span", { class: "launcher-text" }, this.#texts.say("launcher"));
    const count = h("span", { class: "badge", hidden: true, aria: { hidden: "true" } });
    this.#launcher?.remove();
    // Whoever points at it is about to press it.
    const soon = () => this.#load().catch(() => {});
    const on = { click: () => this.open().catch(() => {}), pointerenter: soon, focus: soon };
    this.#launcher = h("button", { type: "button", class: "launcher", aria: { haspopup: "dialog" }, on }, icon("chat", 24), label, count);
    this.#launcher.hidden = this.opened;
    this.#root.append(this.#launcher);
    this.#badge();
  }

  #showPanel() {
    this.#panel = new this.#Panel({
      texts: this.#texts,
      conversation: this.#conversation,
      base: BASE,
      api: this.#api,
      look: this.#look,
      name: this.getAttribute("name") || this.#look.name,
      store: this.#store,
      close: () => this.close(),
      switchLanguage: (locale) => this.#switchLanguage(locale),
    });
    this.#launcher.hidden = this.dataset.open = true;
    this.#root.append(this.#panel.node);
    this.#setModal();
    this.#panel.fit();
    this.#panel.update();
    this.#panel.toEnd();
  }

  async #switchLanguage(locale) {
    const previous = this.#api.locale;
    this.#api.locale = locale;
    const [texts, look] = await Promise.all([Texts.load(locale), askLook(this.#api)]).catch((error) => {
      this.#api.locale = previous;
      throw error;
    });
    if (!this.opened) return;
    this.#texts = texts;
    this.#look = { ...this.#look, ...look };
    this.#store.write("locale", { page: this.#locales.pageLocale, locale });
    this.#panel.node.remove();
    this.#drawLauncher();
    this.#showPanel();
    this.#panel.announce();
    this.#focus();
  }

  #focus() {
    // On a phone the keyboard would hide the greeting: the heading takes the focus instead.
    if (this.#narrow.matches || matchMedia("(pointer: coarse)").matches) this.#panel.heading.focus();
    else this.#panel.input.focus();
  }

  #setModal() {
    this.#panel?.node.setAttribute("aria-modal", String(this.#narrow.matches));
  }

  #key(event) {
    if (!this.opened) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    } else if (event.key === "Tab" && this.#narrow.matches) this.#keepInside(event);
  }

  #keepInside(event) {
    const inside = [...this.#panel.node.querySelectorAll("button, a[href], summary, textarea, input, select, [tabindex='0']")];
    const reachable = inside.filter((node) => !node.disabled && node.offsetParent !== null && !node.closest("[inert]"));
    const leaving = event.shiftKey ? reachable[0] : reachable.at(-1);
    if (this.#root.activeElement !== leaving) return;
    event.preventDefault();
    (event.shiftKey ? reachable.at(-1) : reachable[0]).focus();
  }

  #update() {
    this.#panel?.update();
    this.#badge();
  }

  #badge() {
    const { messages = new Map() } = this.#conversation ?? {};
    const seen = this.#seenUpTo();
    const unread = [...messages.values()].filter(({ author, seq }) => author !== "customer" && seq > seen).length;
    const badge = this.#launcher.querySelector(".badge");
    badge.hidden = unread === 0;
    badge.textContent = String(unread);
    // The name begins with the words one sees, for those who speak to their device.
    const open = unread ? this.#texts.say("open_unread", { count: unread }) : this.#texts.say("open");
    this.#launcher.setAttribute("aria-label", `${this.#texts.say("launcher")} ${open}`);
  }

  /** How far the conversation was seen, also on the page before: what comes between two pages is new on the second. */
  #seenUpTo() {
    const { cursor = 0 } = this.#conversation ?? {};
    const id = this.#store.read("conversation")?.id;
    const before = this.#seen && this.#seen.id === id ? this.#seen.seq : 0;
    const seq = this.opened || !before ? Math.max(cursor, before) : before;
    if (cursor && seq !== before) this.#remember("seen", (this.#seen = { id, seq }));
    return seq;
  }

  // The open chat belongs to the tab, not to the browser; so does what was seen.
  #remember(key, value) {
    try {
      sessionStorage.setItem(`relais:${key}`, JSON.stringify(value));
    } catch {
      // Then it is closed after a page load.
    }
  }

  #recall(key) {
    try {
      return JSON.parse(sessionStorage.getItem(`relais:${key}`));
    } catch {
      return null;
    }
  }
}
