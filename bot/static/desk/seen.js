// Up to which message each conversation has been read in this browser.

import { remember, remembered } from "./memory.js";

export class Seen {
  #key;
  #upTo;

  constructor(userId) {
    this.#key = `relais.desk.${userId}.seen`;
    this.#upTo = remembered(this.#key, {});
  }

  isUnread(item) {
    return (item.last_seq ?? 0) > (this.#upTo[item.conversation_id] ?? 0);
  }

  /** Note that `conversationId` was read up to `seq`; of conversations that are not `open` nothing is kept. True if new. */
  note(conversationId, seq, open) {
    if ((this.#upTo[conversationId] ?? 0) >= seq) return false;
    this.#upTo[conversationId] = seq;
    this.#upTo = Object.fromEntries(Object.entries(this.#upTo).filter(([id]) => open.has(id)));
    remember(this.#key, this.#upTo);
    return true;
  }
}
