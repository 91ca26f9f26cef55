// Second column: the conversation selected, live, with what can be done to it.

import "./composer.js";
import "./menu.js";
import "./release.js";
import { h, icon, reconcile } from "./dom.js";
import { DeskElement } from "./element.js";
import { extensions, signatures } from "./extensions.js";
import { dateTime } from "./format.js";
import { label, locale, t } from "./i18n.js";
import { assuranceBadge, channelMark, countdown, customerName, languageMark, waitingTime } from "./parts.js";
import { threadBlocks } from "./thread.js";

const NEAR_END_PX = 80;

const waits = (mode) => mode === "waiting" || mode === "offered";

class DeskConversation extends DeskElement {
  #open = new Set();
  #failed = "";
  #missing = "";

  /** Why the request that a link names is not shown: `seeking`, `over`, `unknown`; nothing without such a link. */
  missing(why) {
    if (why === this.#missing) return;
    this.#missing = why;
    if (!this.store.selected) this.#start();
  }

  render() {
    this.listen(this.store, "selected", () => this.#start());
    this.listen(this.store, "handoffs", () => this.#frame());
    this.listen(this.store, "context", () => this.#frame());
    this.listen(this.store, "typing", () => this.#showTyping());
    this.listen(this.store, "thread", ({ detail }) => this.#isShown(detail.conversation_id) && this.#messages(detail.fresh));
    this.listen(this.store, "outbox", ({ detail }) => this.#isShown(detail) && this.#messages([]));
    this.listen(this.store, "written", ({ detail }) => this.#isShown(detail) && this.#toEnd());
    this.listen(this.store, "thread-failed", ({ detail }) => this.#isShown(detail.conversation_id) && this.#fail(detail.reason));
    this.#start();
  }

  focusReply() {
    this.querySelector("desk-composer")?.setMode("reply");
  }

  focusNote() {
    this.querySelector("desk-composer")?.setMode("note");
  }

  accept() {
    const { selected, waiting } = this.store;
    const reply = () => this.#isShown(selected.conversation_id) && this.focusReply();
    if (waiting.includes(selected)) this.store.accept(selected).then(reply);
  }

  decline() {
    const { selected, offered } = this.store;
    if (offered.includes(selected)) this.store.decline(selected);
  }

  #isShown(conversationId) {
    return conversationId === this.store.selected?.conversation_id;
  }

  #start() {
    this.#failed = "";
    const item = this.store.selected;
    if (!item) {
      this.replaceChildren(welcome(this.#missing));
      return;
    }
    this.header = h("header", { class: "conversation-head" });
    this.strip = h("div", {});
    this.list = h("ol", { class: "thread" });
    this.typing = h("p", { class: "typing", hidden: true }, h("span", { class: "typing-dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", {}, t("thread.typing", { name: customerName(item) })));
    this.scroller = h("div", { class: "thread-scroll", tabindex: "0", role: "group", "aria-label": t("thread.label") }, this.list, this.typing);
    this.newer = h("button", { class: "button button--small newer", type: "button", hidden: true, on: { click: () => this.#toEnd() } }, icon("down"), t("thread.newer"));
    this.footer = h("footer", { class: "conversation-foot" });
    // Toasts stand above whatever one writes in.
    new ResizeObserver(() => document.documentElement.style.setProperty("--foot", `${this.footer.offsetHeight}px`)).observe(this.footer);
    this.scroller.addEventListener("scroll", () => {
      this.stuck = this.#atEnd();
      if (this.stuck) this.newer.hidden = true;
    });
    // A reply box that grows must not push the last message out of sight.
    new ResizeObserver(() => this.stuck && this.#toEnd()).observe(this.scroller);
    this.replaceChildren(this.header, this.strip, h("div", { class: "thread-box" }, this.scroller, this.newer), this.footer);
    this.#frame();
    this.#messages([]);
    this.#showTyping();
    this.#toEnd();
  }

  /** Everything around the messages; each part is drawn again only when what it shows changed. */
  #frame() {
    const item = this.store.selected;
    if (!item || !this.header) return;
    const context = this.store.context(item.handoff_id);
    const mode = this.#mode(item);
    const { since: _, waiting_seconds: __, last_seq: ___, until: ____, ...rest } = item;
    const stamp = JSON.stringify([rest, mode, locale()]);
    // An open menu is not drawn anew under the pointer: what moved meanwhile is seen once it is closed.
    const chosen = `${item.handoff_id} ${mode}`;
    if (chosen !== this.headOf || !this.header.querySelector("[aria-expanded=true]")) {
      reconcile(this.header, [{ key: "head", signature: stamp, make: () => this.#head(item, mode) }]);
      this.headOf = chosen;
    }
    const contact = context?.contact ?? (typeof item.contact === "object" ? item.contact : null);
    const calls = contact && contact.mode !== "chat" && contact.mode;
    const call = calls ? [{ key: "call", signature: JSON.stringify([contact, locale()]), make: () => callStrip(contact) }] : [];
    reconcile(this.strip, [...call, ...this.#strips(item, context, mode)]);
    reconcile(this.footer, [{ key: item.handoff_id, signature: JSON.stringify([mode, item.closed, item.advisor?.name, item.locale, waits(mode) && item.offered_until, this.store.partIn(item), locale()]), make: () => this.#foot(item, mode) }]);
  }

  #strips(item, context, mode) {
    return extensions("strips").map((strip) => ({
      key: strip.name,
      signature: JSON.stringify([strip.signature(this.store, item, context, mode), item.handoff_id, mode, locale()]),
      make: () => strip.make(this.store, item, context, mode) ?? h("div", { hidden: true }),
    }));
  }

  #mode(item) {
    if (item.closed) return "closed";
    if (this.store.isMine(item)) return "mine";
    if (this.store.offered.includes(item)) return "offered";
    return item.status === "accepted" ? "other" : "waiting";
  }

  #head(item, mode) {
    const name = customerName(item);
    return h("div", { class: "head-row" },
      h("a", { class: "icon-button head-back", href: "#/", "aria-label": t("head.back") }, icon("back")),
      h("div", { class: "head-who" },
        h("h2", { class: "head-name", id: "conversation-name" }, name),
        h("p", { class: "head-marks" }, assuranceBadge(item.assurance), channelMark(item.channel), languageMark(item.locale),
          waits(mode) && h("span", { class: "mark" }, icon("clock"), waitingTime(item.since)))),
      h("div", { class: "head-actions" },
        waits(mode) && h("button", { class: "button button--primary head-accept", type: "button", on: { click: () => this.accept() } }, t("head.accept")),
        mode === "mine" && h("desk-release", { prop: { store: this.store, item } }),
        h("desk-menu", { prop: { store: this.store, item, mode } }),
        h("button", { class: "button head-card", type: "button", "aria-label": t("head.card"), "aria-controls": "card", on: { click: () => this.dispatchEvent(new CustomEvent("open-card", { bubbles: true })) } },
          icon("card"), h("span", { class: "head-card-text" }, t("head.card")))));
  }

  #foot(item, mode) {
    if (mode === "mine") return h("desk-composer", { prop: { store: this.store, item } });
    if (waits(mode)) {
      const offered = mode === "offered";
      return h("div", { class: "accept-bar" },
        h("p", {}, t(offered ? "foot.offered" : "foot.waiting", { name: customerName(item) }), offered && [" ", countdown(item.until)]),
        offered && h("button", { class: "button", type: "button", on: { click: () => this.decline() } }, t("foot.decline"), h("kbd", { "aria-hidden": "true" }, "D")),
        h("button", { class: "button button--primary", type: "button", on: { click: () => this.accept() } }, t("foot.accept"), h("kbd", { "aria-hidden": "true" }, "A")));
    }
    const part = mode === "other" && (this.store.partIn(item) ?? (this.store.maySupervise ? "listening" : null));
    if (part) {
      const note = part !== "joined" && h("p", { class: "foot-note foot-note--above" }, icon("user"), t("foot.other", { name: item.advisor?.name || t("author.advisor") }));
      return h("div", {}, note, h("desk-composer", { prop: { store: this.store, item, notesOnly: part !== "joined" } }));
    }
    const text = mode === "other" ? t("foot.other", { name: item.advisor?.name || t("author.advisor") }) : t(`foot.closed.${item.closed}`);
    return h("p", { class: "foot-note" }, icon(mode === "other" ? "user" : "check"), text);
  }

  #messages(fresh) {
    const item = this.store.selected;
    const messages = this.store.threads.messages(item.conversation_id);
    if (!messages) {
      reconcile(this.list, [{ key: "loading", signature: this.#failed, make: () => this.#placeholder() }]);
      return;
    }
    const stick = this.#atEnd() || !this.list.querySelector("[data-seq], .assistant") || fresh.some((message) => message.author === "advisor");
    const view = { customer: customerName(item), me: this.store.me, open: this.#open, reading: this.store.threads.reading(item.conversation_id), store: this.store, item };
    const actions = {
      toggle: (key) => this.#toggle(key),
      retry: (id) => this.store.outbox.retry(id),
      withdraw: (id) => this.store.outbox.withdraw(id),
      again: (id) => this.store.act(() => this.store.api.post(`/conversations/${encodeURIComponent(item.conversation_id)}/messages/${encodeURIComponent(id)}/retry`)),
    };
    reconcile(this.list, threadBlocks(messages, this.store.outbox.of(item.conversation_id), view, actions));
    if (stick) this.#toEnd();
    else if (fresh.some((message) => message.author === "customer")) this.newer.hidden = false;
  }

  #placeholder() {
    if (!this.#failed) return h("li", { class: "thread-loading" }, t("thread.loading"));
    const again = () => {
      this.#failed = "";
      this.#messages([]);
      this.store.loadThread(this.store.selected);
    };
    return h("li", { class: "thread-loading" }, t("thread.failed"), " ", h("button", { class: "button button--small", type: "button", on: { click: again } }, t("delivery.retry")));
  }

  #fail(reason) {
    this.#failed = reason;
    this.#messages([]);
  }

  #toggle(key) {
    if (!this.#open.delete(key)) this.#open.add(key);
    this.#messages([]);
    this.querySelector(`[data-group="${CSS.escape(key)}"]`)?.focus();
  }

  #showTyping() {
    if (!this.typing || !this.store.selected) return;
    const stick = this.#atEnd();
    this.typing.hidden = !this.store.isTyping(this.store.selected.conversation_id);
    if (stick) this.#toEnd();
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #toEnd() {
    this.stuck = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.newer.hidden = true;
  }
}

function callStrip(contact) {
  const text = contact.mode === "call_at" ? t("contact.strip.call_at", { at: dateTime(contact.at) || label("contact", "call_at") }) : t("contact.strip.call_now");
  const phone = String(contact.phone ?? "");
  const number = phone.replace(/[^+\d]/g, "");
  return h("p", { class: "call-strip" }, icon("phone"), h("span", {}, text), number && h("a", { href: `tel:${number}` }, phone));
}

function welcome(missing) {
  const key = (name, text) => h("li", {}, h("kbd", {}, name), h("span", {}, text));
  return h("div", { class: "welcome" },
    missing && h("p", { class: "welcome-missing", role: "status" }, t(`welcome.${missing}`)),
    h("h2", {}, t("welcome.title")),
    h("p", {}, t("welcome.text")),
    h("ul", { class: "welcome-keys" }, key("J", t("keys.next")), key("A", t("keys.accept")), key("R", t("keys.reply")), key("?", t("keys.help"))));
}

customElements.define("desk-conversation", DeskConversation);
