// One conversation with the service: begins it, keeps it across page loads, sends, listens, starts anew if it is gone.
// Says "change" whenever what is to be shown changed, "trouble" with an ApiError that a person should read.
import { Live } from "./live.js";
import { Outbox } from "./outbox.js";
import { isLost, Session } from "./session.js";

const TYPING_MS = { bot: 30000, advisor: 8000 };
const TYPING_SAID_EVERY_MS = 3000;

export class Conversation extends EventTarget {
  #api;
  #session;
  #identity;
  #beginning = null;
  #typingTimer = 0;
  #typingSaidAt = 0;
  #announced = false;
  messages = new Map();
  state = { owner: "bot" };
  typing = null;
  cursor = 0;
  begun = false;
  restarted = false;
  reachable = true;

  /** `identity()` asks the host page who is signed in. */
  constructor(api, store, identity) {
    super();
    this.#api = api;
    this.#identity = identity;
    this.#session = new Session(api, store);
    this.outbox = new Outbox(store, (item) => this.#deliver(item), (error) => this.#told(error));
    this.live = new Live({
      url: () => api.socketUrl(`conversations/${this.#session.id}/live`),
      hello: () => ({ token: this.#session.kept.token, after: this.cursor }),
      frame: (frame) => this.#heard(frame),
      poll: () => this.catchUp(),
      badToken: () => this.#badToken(),
    });
  }

  /** Whether a conversation is kept in which a person was being waited for or spoken with. */
  get attended() {
    return Boolean(this.#session.kept?.attended);
  }

  get inOrder() {
    return [...this.messages.values()].sort((a, b) => a.seq - b.seq);
  }

  /** Takes the kept conversation up again, or begins one. Safe to call at any time; throws ApiError. */
  begin() {
    if (this.begun) return Promise.resolve();
    this.#beginning ??= this.#begin().finally(() => (this.#beginning = null));
    return this.#beginning;
  }

  /** Another tab began, replaced or renewed the conversation. */
  async follow() {
    const before = this.#session.id;
    const wasBegun = this.begun;
    this.#session.reload();
    if (this.#session.id === before) return;
    this.#clear();
    this.#changed();
    if (wasBegun) await this.begin();
  }

  say(text) {
    this.#sayTyping(false);
    this.outbox.add({ text, page: this.#page() });
  }

  choose(message, choice) {
    this.outbox.add({ choice: choice.payload, title: choice.title, of: message.id });
  }

  async catchUp() {
    if (!this.begun) return;
    const id = this.#session.id;
    try {
      const news = await this.#call("GET", `/messages?after=${this.cursor}`);
      if (id === this.#session.id) this.#take(news);
      this.reachable = true;
    } catch (error) {
      this.reachable = error.status !== 0;
    }
    this.#changed();
  }

  async askHuman() {
    await this.begin();
    await this.#call("POST", "/handoff", {});
    await this.catchUp();
  }

  async stopWaiting() {
    await this.#call("DELETE", "/handoff");
    await this.catchUp();
  }

  /** What the advisor will see, after `changes` ([{id, text?, struck?}]) if there are any. */
  slip(changes) {
    return changes ? this.#call("PUT", "/handoff/slip", { lines: changes }) : this.#call("GET", "/handoff/slip");
  }

  /** What the customer answered to a question beneath a message (helpful, or a score), if anything. */
  answered(messageId) {
    return this.#session.kept?.answered?.[messageId];
  }

  async feedback(messageId, helpful) {
    await this.#call("POST", "/feedback", { message_id: messageId, helpful });
    this.#noteAnswer(messageId, helpful);
  }

  async rate(messageId, score, comment) {
    await this.#call("POST", "/rating", comment ? { score, comment } : { score });
    this.#noteAnswer(messageId, score);
  }

  /** A call in its name, for what is loaded when it is needed. */
  ask = (method, path, body) => this.begin().then(() => this.#call(method, path, body));

  // Whether the host page said who it is.
  isKnown = () => Boolean(this.#session.kept?.subject);

  /** The customer is writing: told to a person who reads along, at most every few seconds. */
  isTyping() {
    if (this.state.owner !== "bot" && Date.now() - this.#typingSaidAt > TYPING_SAID_EVERY_MS) this.#sayTyping(true);
  }

  async #begin() {
    const identity = await this.#identity();
    const subject = this.#session.kept?.subject;
    // Somebody who signed out, or another customer, must not read what the one before said.
    if (subject && identity !== undefined && identity?.subject !== subject) this.#forget();
    if (this.#session.kept) {
      await this.#resume(identity).catch((error) => {
        if (!isLost(error)) throw error;
        this.#forget();
        this.restarted = true;
      });
    }
    if (!this.#session.kept) await this.#create(identity);
    this.begun = true;
    this.live.start();
    this.#changed();
    this.outbox.flush();
  }

  async #resume(identity) {
    this.#take(await this.#session.call("GET", "/messages?after=0"));
    if (!identity || this.#session.kept.subject) return;
    try {
      await this.#session.call("POST", "/identity", { identity: identity.token });
      this.#session.keep({ subject: identity.subject });
    } catch (error) {
      // A refused identity leaves an anonymous conversation, which still answers.
      if (isLost(error) || error.transient) throw error;
    }
  }

  async #create(identity) {
    const create = async () => {
      // Of two tabs opened together, the second finds the conversation of the first.
      this.#session.reload();
      if (this.#session.kept) await this.#resume(identity);
      else this.#take(await this.#session.open({ locale: this.#api.locale, page: this.#page() }, identity));
    };
    await (navigator.locks ? navigator.locks.request("relais-begin", create) : create());
  }

  async #deliver(item) {
    await this.begin();
    const { client_message_id, text, page, choice } = item;
    const body = choice ? { client_message_id, choice } : { client_message_id, text, page };
    const { message } = await this.#call("POST", "/messages", body);
    this.reachable = true;
    // The cursor stays: messages written before this one may still be on their way to us.
    if (message) this.messages.set(message.id, message);
  }

  async #call(method, path, body) {
    try {
      return await this.#session.call(method, path, body);
    } catch (error) {
      if (!isLost(error)) throw error;
      await this.#replace();
      return this.#session.call(method, path, body);
    }
  }

  async #badToken() {
    try {
      await this.#session.renew();
    } catch (error) {
      // Any other failure: the next try of the live connection comes here again.
      if (isLost(error)) await this.#replace().catch((failure) => this.#told(failure));
    }
  }

  #replace() {
    if (!this.#beginning) {
      this.#forget();
      this.restarted = true;
      this.#changed();
    }
    return this.begin();
  }

  #forget() {
    // Choices belong to messages of the old conversation; what was typed goes to the new one.
    this.outbox.drop((item) => item.choice);
    this.#session.forget();
    this.#clear();
  }

  #clear() {
    this.live.stop();
    this.begun = false;
    this.messages.clear();
    this.cursor = 0;
    this.state = { owner: "bot" };
    this.typing = null;
  }

  #heard(frame) {
    if (frame.type === "ready") {
      this.reachable = true;
      this.outbox.wake();
    }
    if (frame.type === "message") this.#take({ messages: [frame.message] });
    else if (frame.type === "typing") this.#showTyping(frame);
    else if (frame.type === "lost") this.#lookAround();
    else if (frame.state) this.#take({ messages: [], state: frame.state });
    this.#changed();
  }

  async #lookAround() {
    this.typing = null;
    await this.catchUp();
  }

  // What the service published, in order: from here on the cursor may move.
  #take({ messages, state }) {
    for (const message of messages) {
      this.messages.set(message.id, message);
      this.cursor = Math.max(this.cursor, message.seq);
      if (message.client_message_id) this.outbox.remove(message.client_message_id);
      if (message.author === this.typing?.author) this.typing = null;
    }
    // The answer to a request may be overtaken by what the live connection told meanwhile.
    if (!state || state.epoch < this.state.epoch) return;
    this.state = state;
    const attended = state.owner !== "bot";
    if (attended !== this.attended) this.#session.keep({ attended });
  }

  #showTyping({ author, on }) {
    clearTimeout(this.#typingTimer);
    this.typing = on ? { author } : null;
    const forget = () => {
      this.typing = null;
      this.#changed();
    };
    if (on) this.#typingTimer = setTimeout(forget, TYPING_MS[author] ?? TYPING_MS.advisor);
  }

  #noteAnswer(messageId, value) {
    this.#session.keep({ answered: { ...this.#session.kept.answered, [messageId]: value } });
  }

  #sayTyping(on) {
    if (!on && !this.#typingSaidAt) return;
    this.#typingSaidAt = on ? Date.now() : 0;
    this.live.send({ type: "typing", on });
  }

  #page() {
    return { url: location.href.split("#")[0], title: document.title };
  }

  #told(error) {
    if (error?.status === 0) this.reachable = false;
    else if (error) this.dispatchEvent(new CustomEvent("trouble", { detail: error }));
    this.#changed();
  }

  #changed() {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}
