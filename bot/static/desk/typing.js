// Who writes at this moment, as far as we heard: the mark fades when nothing more is heard.

const FADES_MS = 6_000;

export class Typing {
  #marks = new Map();
  #tell;

  /** `tell(conversationId)`: somebody began, or stopped. */
  constructor(tell) {
    this.#tell = tell;
  }

  has(conversationId) {
    return this.#marks.has(conversationId);
  }

  set(conversationId, on) {
    clearTimeout(this.#marks.get(conversationId));
    if (on) this.#marks.set(conversationId, setTimeout(() => this.set(conversationId, false), FADES_MS));
    else this.#marks.delete(conversationId);
    this.#tell(conversationId);
  }
}
