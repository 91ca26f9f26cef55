// Who is writing: told by the service for a while, and told to it when a person reads along.

const SHOWN_MS = { bot: 30000, advisor: 8000 };
const SAID_EVERY_MS = 3000;

export class Typing {
  #changed;
  #send;
  #timer = 0;
  #saidAt = 0;
  /** "bot", "advisor" or null. */
  author = null;

  /** `changed()` when what is shown changed, `send(frame)` to the service. */
  constructor(changed, send) {
    this.#changed = changed;
    this.#send = send;
  }

  show({ author, on }) {
    clearTimeout(this.#timer);
    this.author = on ? author : null;
    if (!on) return;
    const forget = () => {
      this.author = null;
      this.#changed();
    };
    this.#timer = setTimeout(forget, SHOWN_MS[author] ?? SHOWN_MS.advisor);
  }

  /** Nobody writes; or `author` does not any more. */
  stop(author = this.author) {
    if (author === this.author) this.author = null;
  }

  /** The customer is writing: told at most every few seconds. */
  say(on = true) {
    if (on ? Date.now() - this.#saidAt <= SAID_EVERY_MS : !this.#saidAt) return;
    this.#saidAt = on ? Date.now() : 0;
    this.#send({ type: "typing", on });
  }
}
