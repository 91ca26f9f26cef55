// The opened chat: heading, messages, the way to a person, and where one writes.
import { h, icon } from "./dom.js";
import { Human } from "./human.js";
import { Log } from "./log.js";
import { reader } from "./reading.js";
import { Start } from "./start.js";

const NEAR_END_PX = 120;
const LONGEST_MESSAGE = 4000;
const FILES = "image/jpeg,image/png,image/webp,application/pdf";

export class Panel {
  #drawn = {};
  #passing = false;
  #read;
  #human;
  #log;
  #start;

  /** `options`: texts, conversation, base, api, look, name, store, close(), switchLanguage(). */
  constructor(options) {
    Object.assign(this, options);
    this.#read = reader(this.conversation);
    this.#build();
    this.input.value = this.store.read("draft") ?? "";
    this.fit();
    // What somebody else began to write is not theirs to read who comes now.
    this.conversation.addEventListener("left", () => this.#write(""));
  }

  say(key, values) {
    return this.texts.say(key, values);
  }

  time(moment) {
    return this.texts.time(moment);
  }

  #build() {
    this.#log = new Log(this);
    this.#start = new Start(this);
    this.#human = new Human(this);
    this.log = this.#log.node;
    this.human = this.#human.node;
    this.typing = h("div", { class: "typing", hidden: true }, h("span", { class: "dots" }, h("i"), h("i"), h("i")), h("span", { class: "typing-text" }));
    this.scroller = h("div", { class: "scroller", on: { scroll: () => this.#seen() } }, this.log, this.#start.node, this.typing);
    this.banner = h("div", { class: "banner", role: "status", hidden: true });
    this.alert = h("div", { class: "banner alert", role: "alert", hidden: true });
    this.notices = h("div", { class: "banner notices", role: "status", hidden: true });
    const panel = { class: "panel", role: "dialog", aria: { labelledby: "relais-heading" }, lang: this.texts.locale };
    this.node = h("section", panel, this.#head(), this.notices, this.scroller, this.alert, this.banner, this.human, this.#composer());
    this.#takeDropped();
  }

  #head() {
    const press = (label, glyph, action, props = {}) =>
      h("button", { type: "button", class: "round", title: label, aria: { label, ...props }, on: { click: action } }, glyph);
    this.heading = h("h2", { id: "relais-heading", tabIndex: -1 }, this.name || this.say("name"));
    this.mark = h("span", { class: "mark", aria: { hidden: "true" } });
    this.stateLine = h("p", { class: "state", role: "status" });
    this.menu = press(this.say("menu"), icon("more"), () => this.later("menu", "toggleMenu"), { expanded: "false" });
    const other = this.look.languages.find((locale) => locale !== this.texts.locale);
    const language = other && press(this.say("switch_language"), other.toUpperCase(), () => this.attempt(() => this.switchLanguage(other), this.node));
    if (language) language.lang = other;
    const close = press(this.say("close"), icon("close"), () => this.close());
    return h("div", { class: "head" }, this.mark, h("div", { class: "titles" }, this.heading, this.stateLine), this.menu, language, close);
  }

  #composer() {
    this.input = h("textarea", {
      rows: 1,
      dir: "auto",
      maxLength: this.look.max_message_chars ?? LONGEST_MESSAGE,
      placeholder: this.say("placeholder"),
      enterKeyHint: "send",
      aria: { label: this.say("composer") },
      on: { input: () => this.#typed(), keydown: (event) => this.#key(event), paste: (event) => this.#pasted(event) },
    });
    const chosen = () => {
      this.takeFiles([...this.picker.files]);
      this.picker.value = "";
    };
    this.picker = h("input", { type: "file", multiple: true, accept: FILES, hidden: true, tabIndex: -1, aria: { label: this.say("attach") }, on: { change: chosen } });
    const attach = h("button", { type: "button", class: "round", title: this.say("attach"), aria: { label: this.say("attach") }, on: { click: () => this.picker.click() } }, icon("clip"));
    const send = h("button", { type: "submit", class: "send", title: this.say("send"), aria: { label: this.say("send") } }, icon("send"));
    const submit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    return h("form", { class: "composer", on: { submit } }, attach, this.picker, this.input, send);
  }

  /** Runs `name` of a part that is loaded when it is asked for; a failure to load it is said. */
  async later(part, name, ...args) {
    try {
      return await (await import(`./later/${part}.js`))[name](this, ...args);
    } catch (error) {
      this.trouble(error);
    }
  }

  takeFiles(files) {
    if (files.length) this.later("files", "sendFiles", files);
  }

  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.takeFiles(files);
  }

  #takeDropped() {
    const isFile = (event) => event.dataTransfer?.types.includes("Files");
    this.node.addEventListener("dragover", (event) => isFile(event) && event.preventDefault());
    this.node.addEventListener("drop", (event) => {
      if (!isFile(event)) return;
      event.preventDefault();
      this.takeFiles([...event.dataTransfer.files]);
    });
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

  /** Takes back what could not be sent; words return to where one writes. */
  edit(message) {
    this.conversation.outbox.remove(message.client_message_id);
    if (message.text) this.#write(message.text);
    this.update();
    this.input.focus();
  }

  /** Runs `action` with the buttons of `area` shut; a failure is said and leaves them open. */
  async attempt(action, area) {
    const buttons = [...area.querySelectorAll("button")].filter((button) => !button.disabled);
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
    this.#log.update();
    this.#start.update();
    this.#updateTyping();
    this.#human.update();
    this.#updateBanner();
    this.#updateNotices();
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

  announce() {
    this.#log.announce();
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

  #updateTyping() {
    const { typing, arriving } = this.conversation;
    this.typing.hidden = !typing.author && !arriving;
    const name = typing.author === "advisor" ? this.say("typing_advisor", { name: this.advisor }) : this.say("typing_bot");
    this.typing.querySelector(".typing-text").textContent = name;
  }

  // What is happening right now, as long as it does.
  #updateNotices() {
    const { begun, state } = this.conversation;
    const lines = ((begun ? state.notices : this.#start.notices) ?? []).map(({ text }) => text);
    this.#once("notices", lines.join("\n"), () => {
      this.notices.hidden = !lines.length;
      this.notices.replaceChildren(...lines.map((line) => h("p", {}, line)));
    });
  }

  #updateBanner() {
    const key = !navigator.onLine ? "offline" : this.conversation.reachable ? "" : "unreachable";
    this.#once("banner", key, () => {
      this.banner.hidden = !key;
      this.banner.textContent = key ? this.say(key) : "";
    });
  }
}
