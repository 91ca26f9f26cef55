// What the advisor wrote and the server has not confirmed yet, and the drafts. Both survive a reload; sign-out clears them.

import { randomId } from "./dom.js";

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15_000;

/**
 * One entry: `{conversation_id, client_message_id, text, created_at, state: "sending"|"waiting"|"failed", error}`.
 * A reply is retried with the same client_message_id until the server has answered for it, so it arrives once.
 * Event `outbox` (detail: conversation_id) at each change; `sent` (detail: `{conversation_id, message}`) on success.
 */
export class Outbox extends EventTarget {
  #api;
  #key;
  #entries;
  #drafts;
  #running = new Map();
  #attempts = new Map();

  constructor(api, userId) {
    super();
    this.#api = api;
    this.#key = `relais.desk.${userId}`;
    const kept = read(this.#key);
    this.#entries = (kept.entries ?? []).map((entry) => ({ ...entry, state: entry.state === "failed" ? "failed" : "waiting" }));
    this.#drafts = kept.drafts ?? {};
  }

  of(conversationId) {
    return this.#entries.filter((entry) => entry.conversation_id === conversationId);
  }

  get isEmpty() {
    return this.#entries.length === 0;
  }

  draft(conversationId) {
    return this.#drafts[conversationId] ?? "";
  }

  keepDraft(conversationId, text) {
    if (text) this.#drafts[conversationId] = text;
    else delete this.#drafts[conversationId];
    this.#save();
  }

  /** Take a reply, or a private note with the ids of those it names: it is kept first, then sent. */
  add(conversationId, text, note = null) {
    const entry = {
      ...(note && { note: true, mentions: note.mentions }),
      conversation_id: conversationId,
      client_message_id: randomId(),
      text,
      created_at: new Date().toISOString(),
      state: "sending",
      error: "",
    };
    this.#entries.push(entry);
    this.#changed(conversationId);
    this.flush(conversationId);
  }

  /** Send what waits in one conversation, oldest first, one at a time so that the order holds. */
  async flush(conversationId) {
    if (this.#running.get(conversationId)) return;
    this.#running.set(conversationId, true);
    let entry;
    while ((entry = this.of(conversationId).find((each) => each.state !== "failed"))) {
      if (!(await this.#send(entry))) break;
    }
    this.#running.delete(conversationId);
  }

  /** The line is back: try everything now instead of waiting for the back-off. */
  flushAll() {
    for (const id of new Set(this.#entries.map((entry) => entry.conversation_id))) this.flush(id);
  }

  retry(clientMessageId) {
    const entry = this.#find(clientMessageId);
    if (!entry) return;
    entry.state = "sending";
    this.#changed(entry.conversation_id);
    this.flush(entry.conversation_id);
  }

  /** Give a refused reply back to the draft, so that its words are not lost. */
  withdraw(clientMessageId) {
    const entry = this.#find(clientMessageId);
    if (!entry) return;
    this.confirm(clientMessageId);
    const key = draftKey(entry.conversation_id, entry.note ? "note" : "reply");
    const draft = this.draft(key);
    this.keepDraft(key, draft ? `${entry.text}\n${draft}` : entry.text);
    this.#changed(entry.conversation_id);
  }

  /** The server holds this message (its answer, or the live line, said so). */
  confirm(clientMessageId) {
    const entry = this.#find(clientMessageId);
    if (!entry) return;
    this.#entries = this.#entries.filter((each) => each !== entry);
    this.#changed(entry.conversation_id);
  }

  forgetAll() {
    this.#entries = [];
    this.#drafts = {};
    try {
      localStorage.removeItem(this.#key);
    } catch {
      // Nothing was kept, so there is nothing to remove.
    }
  }

  async #send(entry) {
    const id = entry.conversation_id;
    entry.state = "sending";
    this.#changed(id);
    try {
      const body = { client_message_id: entry.client_message_id, text: entry.text, ...(entry.note && { mentions: entry.mentions }) };
      const { message } = await this.#api.post(`/conversations/${encodeURIComponent(id)}/${entry.note ? "notes" : "messages"}`, body);
      this.#attempts.delete(id);
      this.dispatchEvent(new CustomEvent("sent", { detail: { conversation_id: id, message } }));
      this.confirm(entry.client_message_id);
      return true;
    } catch (error) {
      const signedOut = error.status === 401;
      entry.state = error.retryable || signedOut ? "waiting" : "failed";
      entry.error = error.retryable || signedOut ? "" : error.message;
      this.#changed(id);
      if (error.retryable) this.#later(id);
      return entry.state === "failed";
    }
  }

  #later(conversationId) {
    const attempt = this.#attempts.get(conversationId) ?? 0;
    this.#attempts.set(conversationId, attempt + 1);
    setTimeout(() => this.flush(conversationId), Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt));
  }

  #find(clientMessageId) {
    return this.#entries.find((entry) => entry.client_message_id === clientMessageId);
  }

  #changed(conversationId) {
    this.#save();
    this.dispatchEvent(new CustomEvent("outbox", { detail: conversationId }));
  }

  #save() {
    try {
      localStorage.setItem(this.#key, JSON.stringify({ entries: this.#entries, drafts: this.#drafts }));
    } catch {
      // Full or refused storage: the page still holds everything, only a reload would lose it.
    }
  }
}

/** Where a draft is kept: a note's words never stand in the reply box. */
export const draftKey = (conversationId, mode) => (mode === "note" ? `${conversationId}#note` : conversationId);

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}
