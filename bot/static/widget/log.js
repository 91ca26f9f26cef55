// The messages, and what becomes of each while the conversation goes on.
import { h } from "./dom.js";
import { entry, settleChoices, showStatus } from "./messages.js";

const OURS = ["bot", "queue"];

export class Log {
  #view;
  #entries = new Map();
  #restarted = false;
  #cards = null;
  #loading = false;

  constructor(view) {
    this.#view = view;
    this.node = h("div", { class: "log", role: "log", tabIndex: 0, aria: { label: view.say("messages"), live: "off" } });
  }

  /** From now on what arrives is read out; the history that was just drawn is not. */
  announce() {
    requestAnimationFrame(() => this.node.setAttribute("aria-live", "polite"));
  }

  update() {
    const { conversation } = this.#view;
    const messages = conversation.inOrder;
    const known = new Set(messages.map((message) => message.client_message_id));
    const pending = conversation.outbox.items.filter((item) => !known.has(item.client_message_id));
    const all = [...this.#greeted(messages), ...pending];
    const keys = all.map(keyOf);
    if (!this.#cards && !this.#loading && all.some((message) => message.prepared)) this.#loadCards();
    this.#discard(new Set(keys));
    for (let index = all.length - 1; index >= 0; index -= 1) {
      const node = this.#entryOf(keys[index], all[index]);
      this.#place(node, this.#entries.get(keys[index + 1]) ?? null);
      const previous = all[index - 1];
      node.classList.toggle("follow", previous !== undefined && (previous.author ?? "customer") === node.dataset.author);
      this.#markDay(node, all[index], previous);
    }
    this.#settle(all, pending.some((item) => !item.failed));
    this.#showRestart();
  }

  // A conversation that has not begun is greeted all the same.
  #greeted(messages) {
    const { conversation, look } = this.#view;
    // Nobody has written yet: whoever chooses another language is greeted in it.
    if (messages.length === 1 && conversation.isFresh && look.greeting) return [{ ...messages[0], text: look.greeting }];
    const wait = messages.length || conversation.begun || conversation.arriving || !look.greeting;
    return wait ? messages : [{ id: "greeting", seq: 1, author: "bot", author_name: look.assistant, kind: "text", text: look.greeting, at: Date.now() }];
  }

  /** Buttons and marks: what is answered is shut, the last message of the customer's says how far it came. */
  #settle(all, isSending) {
    const { conversation } = this.#view;
    const { state } = conversation;
    const last = all.findLastIndex((message) => !message.failed);
    const lastOwn = all.findLastIndex((message) => message.seq && message.author === "customer");
    const settleCard = this.#cards?.settlePrepared(all);
    let replyAfter = null;
    // A person is there: what the assistant had offered, a call for one, is offered no more.
    let attended = !OURS.includes(state.owner);
    let seen = state.read_seq ?? 0;
    for (let index = all.length - 1; index >= 0; index -= 1) {
      const message = all[index];
      const node = this.#entries.get(keyOf(message));
      const own = node.dataset.author === "customer";
      if (own) showStatus(node, message, index === lastOwn && !isSending, this.#view, message.seq <= seen);
      if (message.prepared && message.choices) settleCard?.(node, message);
      else settleChoices(node, replyAfter, attended && message.author !== "advisor");
      if (message.input) this.#offerForm(node, message, index === last && !attended);
      if (own && !message.failed) replyAfter = message;
      attended ||= message.author === "advisor" || Boolean(message.rating_requested);
      // Whoever answers has read what was asked.
      if (message.seq && ["bot", "advisor"].includes(message.author)) seen = Math.max(seen, message.seq);
    }
  }

  // A question for a date or a number has its proper field as long as it is the last word.
  #offerForm(node, message, isOpen) {
    const form = node.querySelector(".form");
    if (form) form.hidden = !isOpen;
    else if (isOpen) {
      const place = h("div", { class: "form" });
      node.append(place);
      this.#view.later("form", "fillForm", place, message);
    }
  }

  // The first message of a day bears its date; a conversation of today alone needs none.
  #markDay(node, message, previous) {
    const { texts } = this.#view;
    const day = texts.day(message.created_at ?? message.at);
    const before = previous ? texts.day(previous.created_at ?? previous.at) : texts.day(Date.now());
    if (day === before) delete node.dataset.day;
    else node.dataset.day = day;
  }

  // Rare enough to be fetched when there is one: until then it is an ordinary message.
  async #loadCards() {
    this.#loading = true;
    this.#cards = await this.#view.later("prepared", "loadCards");
    this.#loading = false;
    if (!this.#cards) return;
    for (const message of this.#view.conversation.inOrder) if (message.prepared) this.#forget(keyOf(message));
    this.#view.update();
  }

  #forget(key) {
    this.#entries.get(key)?.remove();
    this.#entries.delete(key);
  }

  #discard(kept) {
    for (const key of [...this.#entries.keys()]) if (!kept.has(key)) this.#forget(key);
  }

  #entryOf(key, message) {
    if (!this.#entries.has(key)) this.#entries.set(key, entry(message, this.#view, this.#cards));
    return this.#entries.get(key);
  }

  #place(node, next) {
    if (node.parentNode !== this.node || node.nextSibling !== next) this.node.insertBefore(node, next);
  }

  #showRestart() {
    const { restarted } = this.#view.conversation;
    if (restarted === this.#restarted) return;
    this.#restarted = restarted;
    if (restarted) this.node.prepend(h("div", { class: "entry notice" }, h("p", {}, this.#view.say("restarted"))));
  }
}

// The same element for a bubble and the message it became, and for the greeting before and after there is a conversation.
function keyOf(message) {
  if (message.seq === 1 && message.author === "bot") return "greeting";
  return message.client_message_id ?? message.id;
}
