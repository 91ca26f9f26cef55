// The opened chat: heading, messages, the way to a person, and where one writes.
import { h, icon } from "./dom.js";
import { entry, settleChoices, showStatus } from "./messages.js";
import { settlePrepared } from "./prepared.js";
import { reader } from "./reading.js";

const NEAR_END_PX = 120;
const LONGEST_MESSAGE = 4000;

export class Panel {
  #entries = new Map();
  #drawn = {};
  #passing = false;
  #read;

  /** `options`: texts, conversation, base, name, store, close(), switchLanguage(). */
  constructor(options) {
    Object.assign(this, options);
    this.#read = reader(this.conversation);
    this.#build();
    this.input.value = this.store.read("draft") ?? "";
    this.fit();
  }

  say(key, values) {
    return this.texts.say(key, values);
  }

  time(moment) {
    return this.texts.time(moment);
  }

  #build() {
    const press = (label, glyph, action) =>
      h("button", { type: "button", class: "round", title: label, aria: { label }, on: { click: action } }, glyph);
    const other = this.texts.locale === "fr" ? "en" : "fr";
    const language = press(this.say("switch_language"), other.toUpperCase(), () => this.switchLanguage(other));
    language.lang = other;
    this.heading = h("h2", { id: "relais-heading", tabIndex: -1 }, this.name || this.say("name"));
    this.mark = h("span", { class: "mark", aria: { hidden: "true" } });
    this.stateLine = h("p", { class: "state", role: "status" });
    const copy = press(this.say("copy"), icon("mail"), async () => (await import("./copy.js")).toggleCopy(this));
    const close = press(this.say("close"), icon("close"), () => this.close());
    const head = h("div", { class: "head" }, this.mark, h("div", { class: "titles" }, this.heading, this.stateLine), copy, language, close);
    this.log = h("div", { class: "log", role: "log", tabIndex: 0, aria: { label: this.say("messages"), live: "off" } });
    this.typing = h("div", { class: "typing", hidden: true }, h("span", { class: "dots" }, h("i"), h("i"), h("i")), h("span", { class: "typing-text" }));
    this.scroller = h("div", { class: "scroller", on: { scroll: () => this.#seen() } }, this.log, this.typing);
    this.banner = h("div", { class: "banner", role: "status", hidden: true });
    this.alert = h("div", { class: "banner alert", role: "alert", hidden: true });
    this.human = h("div", { class: "human" });
    const panel = { class: "panel", role: "dialog", aria: { labelledby: "relais-heading" }, lang: this.texts.locale };
    this.node = h("section", panel, head, this.scroller, this.alert, this.banner, this.human, this.#composer());
  }

  #composer() {
    this.input = h("textarea", {
      rows: 1,
      maxLength: LONGEST_MESSAGE,
      placeholder: this.say("placeholder"),
      enterKeyHint: "send",
      aria: { label: this.say("composer") },
      on: { input: () => this.#typed(), keydown: (event) => this.#key(event) },
    });
    const send = h("button", { type: "submit", class: "send", title: this.say("send"), aria: { label: this.say("send") } }, icon("send"));
    const submit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    return h("form", { class: "composer", on: { submit } }, this.input, send);
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #typed() {
    this.store.write("draft", this.input.value);
    this.fit();
    this.conversation.isTyping();
  }

  #submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.alert.hidden = true;
    this.#write("");
    this.conversation.say(text);
    this.toEnd();
    this.input.focus();
  }

  #write(text) {
    this.input.value = text;
    if (text) this.store.write("draft", text);
    else this.store.remove("draft");
    this.fit();
  }

  /** Gives the text field the height of what is in it. */
  fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 140)}px`;
  }

  choose(message, choice) {
    this.conversation.choose(message, choice);
    this.input.focus();
  }

  retry(message) {
    this.conversation.outbox.retry(message.client_message_id);
  }

  edit(message) {
    this.conversation.outbox.remove(message.client_message_id);
    this.#write(message.text);
    this.update();
    this.input.focus();
  }

  /** Runs `action` with the buttons of `area` shut; a failure is said and leaves them open. */
  async attempt(action, area) {
    const buttons = [...area.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    try {
      this.alert.hidden = true;
      await action();
    } catch (error) {
      this.trouble(error);
    }
    for (const button of buttons) button.disabled = false;
  }

  /** Says a failure as the sentence that came with it; a `passing` one only until what waits has left. */
  trouble(error, passing = false) {
    this.#passing = passing;
    this.alert.textContent = error.message && error.code !== undefined ? error.message : this.say("trouble");
    this.alert.hidden = false;
  }

  /** Draws what changed. */
  update() {
    const atEnd = this.#atEnd;
    this.#updateHeading();
    this.#updateLog();
    this.#updateTyping();
    this.#updateHuman();
    this.#updateBanner();
    if (this.#passing && this.conversation.outbox.items.every((item) => item.failed)) this.alert.hidden = true;
    if (atEnd) this.toEnd();
    this.#seen();
  }

  get #atEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR_END_PX;
  }

  // The last message is in view and the page in front.
  #seen() {
    if (!document.hidden && this.#atEnd) this.#read();
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** From now on what arrives is read out; the history that was just drawn is not. */
  announce() {
    requestAnimationFrame(() => this.log.setAttribute("aria-live", "polite"));
  }

  get advisor() {
    const named = this.conversation.state.advisor_name;
    return named ?? this.conversation.inOrder.findLast((message) => message.author === "advisor")?.author_name ?? this.say("advisor");
  }

  #once(part, value, draw) {
    if (this.#drawn[part] === value) return;
    this.#drawn[part] = value;
    draw();
  }

  #updateHeading() {
    const { owner } = this.conversation.state;
    const known = owner === "bot" || owner === "queue" ? owner : "advisor";
    const line = this.say(`state_${known}`, { name: this.advisor });
    this.#once("heading", line, () => {
      this.stateLine.textContent = line;
      this.mark.className = `mark ${known}`;
      this.mark.replaceChildren(known === "advisor" ? this.advisor.slice(0, 1).toUpperCase() : icon("leaf", 20));
    });
  }

  #updateLog() {
    const messages = this.conversation.inOrder;
    const known = new Set(messages.map((message) => message.client_message_id));
    const pending = this.conversation.outbox.items.filter((item) => !known.has(item.client_message_id));
    const all = [...messages, ...pending];
    const lastOwn = messages.findLastIndex((message) => message.author === "customer");
    const keys = all.map((message) => message.client_message_id ?? message.id);
    this.#discard(new Set(keys));
    const settlePreparedCard = settlePrepared(all, (key) => this.say(key));
    const isSending = pending.some((item) => !item.failed);
    let replyAfter = null;
    for (let index = all.length - 1; index >= 0; index -= 1) {
      const node = this.#entryOf(keys[index], all[index]);
      this.#place(node, this.#entries.get(keys[index + 1]) ?? null);
      const previous = all[index - 1];
      node.classList.toggle("follow", previous !== undefined && (previous.author ?? "customer") === node.dataset.author);
      this.#markDay(node, all[index], previous);
      if (node.dataset.author === "customer") showStatus(node, all[index], index === lastOwn && !isSending, this);
      if (all[index].prepared && all[index].choices) settlePreparedCard(node, all[index]);
      else settleChoices(node, replyAfter);
      if (node.dataset.author === "customer" && !all[index].failed) replyAfter = all[index];
    }
    this.#showRestart();
  }

  // The first message of a day bears its date; a conversation of today alone needs none.
  #markDay(node, message, previous) {
    const day = this.texts.day(message.created_at ?? message.at);
    const before = previous ? this.texts.day(previous.created_at ?? previous.at) : this.texts.day(Date.now());
    if (day === before) delete node.dataset.day;
    else node.dataset.day = day;
  }

  #discard(kept) {
    for (const [key, node] of this.#entries) {
      if (kept.has(key)) continue;
      node.remove();
      this.#entries.delete(key);
    }
  }

  #entryOf(key, message) {
    if (!this.#entries.has(key)) this.#entries.set(key, entry(message, this));
    return this.#entries.get(key);
  }

  #place(node, next) {
    if (node.parentNode !== this.log || node.nextSibling !== next) this.log.insertBefore(node, next);
  }

  #showRestart() {
    this.#once("restarted", this.conversation.restarted, () => {
      if (this.conversation.restarted) this.log.prepend(h("div", { class: "entry notice" }, h("p", {}, this.say("restarted"))));
    });
  }

  #updateTyping() {
    const author = this.conversation.typing?.author;
    this.typing.hidden = !author && this.conversation.begun;
    const name = author === "advisor" ? this.say("typing_advisor", { name: this.advisor }) : this.say("typing_bot");
    this.typing.querySelector(".typing-text").textContent = name;
  }

  #updateHuman() {
    const { owner, handoff } = this.conversation.state;
    const wait = [handoff?.position, handoff?.wait_seconds].join();
    if (owner !== "queue") this.slip?.close();
    this.#once("human", `${owner} ${wait} ${this.advisor}`, () => {
      const held = this.human.querySelector(":focus")?.className;
      this.human.replaceChildren(...this.#humanRow(owner, handoff));
      // The place in the queue moves on beneath whoever stands on a button of this row.
      if (held) this.human.getElementsByClassName(held)[0]?.focus();
    });
  }

  async #seeSlip() {
    const { openSlip } = await import("./slip/slip.js");
    if (this.conversation.state.owner === "queue") this.slip = await openSlip(this);
  }

  #humanRow(owner, handoff) {
    const press = (key, glyph, action, name = "") => {
      const run = () => this.attempt(action, this.human);
      return h("button", { type: "button", class: `text-button ${name}`, on: { click: run } }, glyph, this.say(key));
    };
    if (owner === "bot") return [press("human", icon("person", 18), () => this.conversation.askHuman())];
    if (owner !== "queue") return [h("span", {}, this.say("with_advisor", { name: this.advisor }))];
    const opens = handoff?.opens_at && new Date(handoff.opens_at);
    const when = opens && `${this.texts.calendar.format(opens)}, ${this.texts.clock.format(opens)}`;
    const place = opens ? this.say("queue_opens", { when }) : handoff?.position ? this.say("queue_place", { position: handoff.position }) : this.say("queue_noted");
    const minutes = handoff?.wait_seconds ? this.say("queue_wait", { minutes: Math.max(1, Math.round(handoff.wait_seconds / 60)) }) : null;
    return [h("span", {}, [place, minutes].filter(Boolean).join(" · ")), press("see_slip", null, () => this.#seeSlip(), "slip-open"), press("cancel_request", null, () => this.conversation.stopWaiting(), "stop")];
  }

  #updateBanner() {
    const key = !navigator.onLine ? "offline" : this.conversation.reachable ? "" : "unreachable";
    this.#once("banner", key, () => {
      this.banner.hidden = !key;
      this.banner.textContent = key ? this.say(key) : "";
    });
  }
}
