// The messages of each conversation that was opened, in `seq` order, filled by fetches and by the live line alike.

/** Events: `thread` (detail: `{conversation_id, fresh}`; `fresh` = messages that arrived live, [] after a load). */
export class Threads extends EventTarget {
  #api;
  #threads = new Map();
  #readings = new Map();

  constructor(api) {
    super();
    this.#api = api;
  }

  /** The messages held, or null before the first load. */
  messages(conversationId) {
    return this.#threads.get(conversationId)?.list ?? null;
  }

  /** How far the customer has received and read it, and what a channel says of each message; null before the first load. */
  reading(conversationId) {
    return this.#readings.get(conversationId) ?? null;
  }

  /** News of the same. */
  noteReading(conversationId, news) {
    this.#readings.set(conversationId, { ...this.#readings.get(conversationId), ...news });
    this.dispatchEvent(new CustomEvent("thread", { detail: { conversation_id: conversationId, fresh: [] } }));
  }

  lastSeq(conversationId) {
    return this.#threads.get(conversationId)?.list.at(-1)?.seq ?? 0;
  }

  /** Load a conversation, or everything after what is held. Rejects with ApiError; what is held stays. */
  async load(conversationId) {
    const known = this.#threads.has(conversationId);
    const after = this.lastSeq(conversationId);
    const { messages, reading } = await this.#api.get(`/conversations/${encodeURIComponent(conversationId)}/messages?after=${after}`);
    if (reading) this.#readings.set(conversationId, reading);
    this.#merge(conversationId, messages, known);
  }

  /** A message from the live line. A gap in `seq` means that frames were missed: fetch them. */
  async receive(conversationId, message) {
    if (!this.#threads.has(conversationId)) return;
    const gap = message.seq > this.lastSeq(conversationId) + 1;
    if (gap) await this.load(conversationId).catch(() => this.#merge(conversationId, [message], true));
    else this.#merge(conversationId, [message], true);
  }

  /** After a lost connection: bring every conversation held up to date. */
  async catchUp() {
    await Promise.allSettled([...this.#threads.keys()].map((id) => this.load(id)));
  }

  #merge(conversationId, messages, live) {
    const thread = this.#threads.get(conversationId) ?? { byId: new Map(), list: [] };
    const fresh = messages.filter((message) => !thread.byId.has(message.id));
    for (const message of messages) thread.byId.set(message.id, message);
    thread.list = [...thread.byId.values()].sort((a, b) => a.seq - b.seq);
    this.#threads.set(conversationId, thread);
    this.dispatchEvent(new CustomEvent("thread", { detail: { conversation_id: conversationId, fresh: live ? fresh : [] } }));
  }
}
