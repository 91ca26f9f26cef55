// What somebody is writing is kept by itself: sent once they pause, and again when the server was away.

import { remember } from "/static/desk/memory.js";

const QUIET_MS = 900;
const AGAIN_MS = 5_000;

/**
 * The base of a draft. It has a `key`, under which the browser keeps what could not be sent before the page was left, and
 * `send()`, which sends all there is once. Event: `status`, one of clean, dirty, saving, saved, failed, conflict.
 */
export class KeptDraft extends EventTarget {
  #timer = 0;
  #sending = null;

  /** Something changed: it is sent once the writer pauses. */
  changed() {
    this.be("dirty");
    this.#soon(QUIET_MS);
  }

  #soon(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush().catch(() => {}), ms);
  }

  /** Send what is not kept yet; resolves once the server has it all, or waits for a person to settle a conflict, or rejects. */
  async flush() {
    clearTimeout(this.#timer);
    while (this.#sending) await this.#sending.catch(() => {});
    if (["clean", "saved", "conflict"].includes(this.status)) return;
    this.#sending = this.send();
    try {
      await this.#sending;
    } finally {
      this.#sending = null;
    }
    if (this.status === "dirty") await this.flush();
  }

  /** The sending failed: tried again by itself when that may help. */
  failed(error) {
    this.error = error;
    this.be("failed");
    if (error.retryable) this.#soon(AGAIN_MS);
    throw error;
  }

  /** Nothing of it waits to be sent any more. */
  forget() {
    clearTimeout(this.#timer);
    remember(this.key, null);
  }

  be(status) {
    this.status = status;
    if (status === "saving") this.savedAt = null;
    if (status === "saved") this.savedAt ??= new Date();
    this.tell("status");
  }

  tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
