// One conversation with the service: begun, kept across page loads, begun anew if it is gone. Says "change" when there is
// something new to show, "trouble" with an ApiError that a person should read, "left" when it was another customer's.
import { Asking } from "./asking.js";
import { deliver, pageHere } from "./delivery.js";
import { Live } from "./live.js";
import { Outbox } from "./outbox.js";
import { isLost, Session } from "./session.js";
import { Typing } from "./typing.js";

export class Conversation extends Asking {
  #api;
  #session;
  #identity;
  #beginning = null;
  #announced = false;
  #asked = null;
  messages = new Map();
  state = { owner: "bot" };
  cursor = 0;
  begun = false;
  restarted = false;
  reachable = true;
  /** Whether what is kept is being fetched; and whether it is known by now who is there. */
  arriving = false;
  arrived = false;

  /** `identity()` asks the host page who is signed in. */
  constructor(api, store, identity) {
    super();
    this.#api = api;
    this.#identity = identity;
    this.#session = new Session(api, store);
    this.outbox = new Outbox(store, (item) => this.#deliver(item), (error) => this.#told(error));
    this.typing = new Typing(() => this.#changed(), (frame) => this.live.send(frame));
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

  /** Whether the customer has not said anything yet. */
  get isFresh() {
    return !this.outbox.items.length && this.inOrder.every((message) => message.author !== "customer");
  }

  /** Takes the kept conversation up again, or begins one. Safe to call at any time; throws ApiError. */
  begin() {
    if (this.begun) return Promise.resolve();
    this.#beginning ??= this.#begin().finally(() => (this.#beginning = null));
    return this.#beginning;
  }

  /** What an opened chat does: takes up what there is. A stranger's conversation begins with their first word only. */
  async arrive() {
    if (this.begun) return;
    this.arriving = Boolean(this.#session.kept);
    this.#changed();
    try {
      const identity = await this.outbox.ready().then(() => this.#identity());
      this.#forgetStranger(identity);
      // The proof in it is good for one use.
      this.#asked = { identity };
      if (this.#session.kept || identity || this.outbox.waits) await this.begin();
    } finally {
      this.arriving = false;
      this.arrived = true;
      this.#asked = null;
      this.#changed();
    }
  }

  /** Another tab began, replaced or renewed the conversation. */
  async follow() {
    const before = this.#session.id;
    const isShown = this.begun || this.arrived;
    this.#session.reload();
    if (this.#session.id === before) return;
    this.#clear();
    this.#changed();
    if (isShown) await this.arrive();
  }

  say(text) {
    this.typing.say(false);
    this.outbox.add({ text, page: pageHere() });
  }

  /** A file leaves like a message; it is kept by this page alone until it is received. */
  sendFile(file) {
    this.outbox.add({ file, name: file.name });
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

  /** What the customer answered to a question beneath a message (helpful, or a score), if anything. */
  answered(messageId) {
    return this.#session.kept?.answered?.[messageId];
  }

  noteAnswer = (messageId, value) => this.#session.keep({ answered: { ...this.#session.kept.answered, [messageId]: value } });

  /** Begins another conversation; this one stays among the earlier ones. */
  async restart() {
    await this.begin();
    const made = await this.#session.next(pageHere());
    this.#clear();
    this.#take(made);
    this.#goLive();
  }

  /** A call in its name, for what is loaded when it is needed. */
  ask = (method, path, body, as) => this.begin().then(() => this.#call(method, path, body, as));

  /** Whether the host page said who it is. */
  isKnown = () => Boolean(this.#session.kept?.subject);

  /** The customer is writing; only a person cares. */
  isTyping() {
    if (this.state.owner !== "bot") this.typing.say();
  }

  async #begin() {
    const identity = this.#asked ? this.#asked.identity : await this.#identity();
    this.#forgetStranger(identity);
    if (this.#session.kept) {
      await this.#resume(identity).catch((error) => {
        if (!isLost(error)) throw error;
        this.#forget();
        this.restarted = true;
      });
    }
    if (!this.#session.kept) await this.#create(identity);
    this.#goLive();
    this.outbox.flush();
  }

  #goLive() {
    this.begun = true;
    this.live.start();
    this.#changed();
  }

  // Somebody who signed out, or another customer, must not read what the one before said.
  #forgetStranger(identity) {
    const subject = this.#session.kept?.subject;
    if (!subject || identity === undefined || identity?.subject === subject) return;
    this.#session.signOut();
    this.outbox.drop(() => true);
    this.dispatchEvent(new Event("left"));
    this.#forget();
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
      else this.#take(await this.#session.open({ locale: this.#api.locale, page: pageHere() }, identity));
    };
    await (navigator.locks ? navigator.locks.request("relais-begin", create) : create());
  }

  async #deliver(item) {
    const { message } = await deliver(this.ask, item);
    this.reachable = true;
    // The cursor stays: messages written before this one may still be on their way to us.
    if (message) this.messages.set(message.id, message);
    if (message) this.live.tells(() => this.cursor >= message.seq || !this.messages.has(message.id));
  }

  async #call(method, path, body, as) {
    try {
      return await this.#session.call(method, path, body, as);
    } catch (error) {
      if (!isLost(error)) throw error;
      await this.#replace();
      return this.#session.call(method, path, body, as);
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
    this.typing.stop();
  }

  #heard(frame) {
    if (frame.type === "ready") {
      this.reachable = true;
      this.outbox.wake();
    }
    if (frame.type === "message") this.#take({ messages: [frame.message] });
    else if (frame.type === "typing") this.typing.show(frame);
    else if (frame.type === "lost") {
      this.typing.stop();
      this.catchUp();
    } else if (frame.state) this.#take({ messages: [], state: frame.state });
    this.#changed();
  }

  // What the service published, in order: from here on the cursor may move.
  #take({ messages, state }) {
    for (const message of messages) {
      this.messages.set(message.id, message);
      this.cursor = Math.max(this.cursor, message.seq);
      if (message.client_message_id) this.outbox.remove(message.client_message_id);
      this.typing.stop(message.author);
    }
    // The answer to a request may be overtaken by what the live connection told meanwhile.
    if (!state || state.epoch < this.state.epoch) return;
    this.state = state;
    const attended = state.owner !== "bot";
    if (attended !== this.attended) this.#session.keep({ attended });
  }

  #told(error) {
    if (error?.status === 0) this.reachable = false;
    else if (error) this.dispatchEvent(new CustomEvent("trouble", { detail: error }));
    this.#changed();
  }

  #changed() {
    if (this.#announced) return;
    this.#announced = true;
    // Once a frame, however much arrives; a page that is not looked at has no frames.
    const soon = document.hidden ? setTimeout : requestAnimationFrame;
    soon(() => {
      this.#announced = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}
