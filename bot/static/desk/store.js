// What the desk knows: the open handoffs, the one selected, its context, who types. Components read it and listen to it.

import { extensions } from "./extensions.js";
import { t } from "./i18n.js";
import { Outbox } from "./outbox.js";
import { anchored, byPlace, merged } from "./rows.js";
import { Seen } from "./seen.js";
import { Threads } from "./threads.js";
import { Typing } from "./typing.js";

const REFRESH_MS = 60_000;
const AWAY_TOLD_MS = 600_000;

/**
 * Events: `handoffs` (the list changed), `arrived` (detail: handoffs new in the queue), `offered` (detail: handoffs now offered
 * to this advisor), `selected`, `context` (detail: handoff_id), `typing` (detail: conversation_id), `thread` and `outbox` (see
 * Threads and Outbox), `thread-failed`, `written` (the advisor sent something), `incoming` (detail: `{item, message}` from a
 * customer), `toast` (detail: `{key, variables, bad, action?: {label, run}, actions?, stays?}`).
 */
export class Store extends EventTarget {
  handoffs = [];
  skew = 0;
  loaded = false;
  selected = null;
  #contexts = new Map();
  #typing = new Typing((conversationId) => this.emit("typing", conversationId));
  #seen;
  #refreshing = null;
  #again = false;
  #newer = new Map(); // rows that the live line brought while the list was on its way

  constructor({ api, live, me }) {
    super();
    Object.assign(this, { api, live, me, threads: new Threads(api), outbox: new Outbox(api, me.id) });
    this.#seen = new Seen(me.id);
    this.threads.addEventListener("thread", ({ detail }) => this.#onThread(detail));
    this.outbox.addEventListener("outbox", ({ detail }) => this.emit("outbox", detail));
    this.outbox.addEventListener("sent", ({ detail }) => this.threads.receive(detail.conversation_id, detail.message));
    live.addEventListener("frame", ({ detail }) => this.#onFrame(detail));
    live.addEventListener("status", ({ detail }) => detail.retryAt && this.catchUp());
    // A safety net under the live line: whatever it failed to say is seen within a minute.
    setInterval(() => this.refresh().catch(() => {}), REFRESH_MS);
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** The queue: nobody has taken these yet, in the server's order. */
  get waiting() {
    return this.handoffs.filter((item) => !item.closed && ["requested", "offered"].includes(item.status));
  }

  /** Those of the queue that this advisor is asked to take. */
  get offered() {
    return this.waiting.filter((item) => item.status === "offered" && item.offered_to === this.me.id);
  }

  get mine() {
    return this.#held.filter((item) => !item.snoozed_until);
  }

  /** Mine, put off until a moment or until the customer writes. */
  get asleep() {
    return this.#held.filter((item) => item.snoozed_until);
  }

  get others() {
    return this.handoffs.filter((item) => !item.closed && item.status === "accepted" && item.advisor?.id !== this.me.id);
  }

  get #held() {
    return this.handoffs.filter((item) => !item.closed && item.status === "accepted" && item.advisor?.id === this.me.id);
  }

  isMine(item) {
    return Boolean(item) && this.#held.some((each) => each.handoff_id === item.handoff_id);
  }

  /** What this user is in somebody else's conversation: invited, listening or joined; nothing otherwise. */
  partIn(item) {
    return item?.people?.find((one) => one.id === this.me.id)?.role ?? null;
  }

  context(handoffId) {
    return this.#contexts.get(handoffId) ?? null;
  }

  isTyping(conversationId) {
    return this.#typing.has(conversationId);
  }

  isUnread(item) {
    return this.#seen.isUnread(item);
  }

  /** Fetch the list again; calls that overlap are joined into one more fetch, so the newest answer always wins. */
  async refresh() {
    if (this.#refreshing) {
      this.#again = true;
      return this.#refreshing;
    }
    this.#refreshing = this.#fetchHandoffs().finally(() => (this.#refreshing = null));
    await this.#refreshing;
    if (this.#again) {
      this.#again = false;
      await this.refresh();
    }
  }

  async catchUp() {
    await Promise.allSettled([this.refresh(), this.threads.catchUp()]);
    const item = this.selected;
    if (item && !this.threads.messages(item.conversation_id)) await this.loadThread(item);
    if (item && this.context(item.handoff_id)?.failed) await this.loadContext(item.handoff_id);
    this.outbox.flushAll();
  }

  async select(handoffId) {
    const item = this.handoffs.find((each) => each.handoff_id === handoffId) ?? null;
    if (item?.handoff_id === this.selected?.handoff_id) return;
    this.handoffs = this.handoffs.filter((each) => !each.closed);
    this.selected = item;
    this.emit("selected");
    this.emit("handoffs");
    if (item) await Promise.all([this.loadThread(item), this.loadContext(item.handoff_id)]);
    this.markSeen();
  }

  /** Load a conversation's messages; a failure is told by `thread-failed` and mended at the next catch-up. */
  async loadThread(item) {
    try {
      await this.threads.load(item.conversation_id);
    } catch (error) {
      this.emit("thread-failed", { conversation_id: item.conversation_id, reason: error.message });
    }
  }

  async loadContext(handoffId) {
    try {
      const { context } = await this.api.get(`/handoffs/${encodeURIComponent(handoffId)}`);
      this.#contexts.set(handoffId, context);
    } catch (error) {
      if (!this.#contexts.has(handoffId)) this.#contexts.set(handoffId, { failed: error.message || error.code });
    }
    this.emit("context", handoffId);
  }

  /** Take the selected handoff. Tells who was faster when somebody was. */
  async accept(item) {
    let failed = false;
    try {
      const { context } = await this.api.post(`/handoffs/${encodeURIComponent(item.handoff_id)}/accept`);
      Object.assign(this.#current(item), { status: "accepted", advisor: { id: this.me.id, name: this.me.name } });
      if (context) this.#contexts.set(item.handoff_id, context);
      this.emit("context", item.handoff_id);
    } catch (error) {
      failed = true;
      const taken = error.code === "already_taken";
      this.emit("toast", { key: taken ? "toast.taken" : "toast.failed", variables: { name: error.person, reason: error.message }, bad: true });
    }
    this.#moved(failed);
  }

  /** Pass an offer on to the next advisor. */
  decline(item) {
    return this.act(() => this.api.post(`/handoffs/${encodeURIComponent(item.handoff_id)}/decline`));
  }

  /** Whether new requests are offered to this advisor: available, busy or away. */
  async choosePresence(status) {
    await this.act(async () => {
      this.me.presence = status;
      await this.api.put("/presence", { status });
    });
    this.emit("presence");
  }

  /** Do something at the server; a refusal is told, and the list is looked at again. True when it was done. */
  async act(action) {
    let done = true;
    try {
      await action();
    } catch (error) {
      done = false;
      this.emit("toast", { key: "toast.failed", variables: { reason: error.message }, bad: true });
    }
    await this.refresh().catch(() => {});
    return done;
  }

  /** `more`: `{tags, note}`. It can be undone from the message that says so. */
  async release(item, outcome, more = {}) {
    try {
      await this.api.post(`/handoffs/${encodeURIComponent(item.handoff_id)}/release`, { outcome, ...more });
      Object.assign(this.#current(item), { closed: outcome });
      this.outbox.keepDraft(item.conversation_id, "");
      this.emit("released", item);
    } catch (error) {
      this.emit("toast", { key: "toast.failed", variables: { reason: error.message }, bad: true });
    }
    await this.#moved();
  }

  get maySupervise() {
    return ["supervisor", "admin"].includes(this.me.role);
  }

  /** What is on screen has been read; called when a message comes and when the page is looked at again. */
  markSeen() {
    const item = this.selected;
    if (!item || document.hidden) return;
    const last = Math.max(this.threads.lastSeq(item.conversation_id), item.last_seq ?? 0);
    const open = new Set(this.handoffs.map((each) => each.conversation_id));
    if (this.#seen.note(item.conversation_id, last, open)) this.emit("handoffs");
  }

  /** The live line brings the row that moved; without it, or when we were wrong about a row, the list is fetched. */
  async #moved(wrong = false) {
    this.emit("handoffs");
    if (wrong || !this.live.online) await this.refresh().catch(() => {});
  }

  /** The list is replaced at each fetch; this is today's copy of an item somebody still holds. */
  #current(item) {
    return this.handoffs.find((each) => each.handoff_id === item.handoff_id) ?? item;
  }

  async #fetchHandoffs() {
    this.#newer.clear();
    const { handoffs, now } = await this.api.get("/handoffs");
    const at = Date.now();
    this.skew = now ? at - Date.parse(now) : 0; // how far our clock is ahead of the server's, in ms
    this.#show(merged(handoffs, this.#newer, at));
  }

  /** One row as it is now, or none any more; a list that is on its way may be older, and does not undo it. */
  #take(conversationId, row) {
    const fresh = row && anchored(row, Date.now());
    if (this.#refreshing) this.#newer.set(conversationId, fresh);
    const others = this.handoffs.filter((each) => !each.closed && each.conversation_id !== conversationId);
    this.#show(fresh ? [...others, fresh].sort(byPlace) : others);
  }

  #show(fresh) {
    const known = new Set(this.waiting.map((item) => item.handoff_id));
    const before = new Set(this.offered.map((item) => item.handoff_id));
    const lost = this.selected && !fresh.some((item) => item.handoff_id === this.selected.handoff_id);
    const kept = lost ? [{ ...this.selected, closed: this.selected.closed ?? "gone" }] : [];
    this.handoffs = [...fresh, ...kept];
    this.selected = this.handoffs.find((item) => item.handoff_id === this.selected?.handoff_id) ?? null;
    const arrived = this.loaded ? this.waiting.filter((item) => !known.has(item.handoff_id)) : [];
    this.loaded = true;
    this.emit("handoffs");
    const offered = this.offered.filter((item) => !before.has(item.handoff_id));
    if (offered.length) this.emit("offered", offered);
    if (arrived.length) this.emit("arrived", arrived);
  }

  #onFrame(frame) {
    if (frame.type === "ready") this.catchUp();
    if (frame.row !== undefined && this.loaded) this.#take(frame.conversation_id, frame.row);
    else if (frame.type === "state" || (frame.type === "handoffs" && !frame.conversation_id)) this.refresh().catch(() => {});
    if (frame.type === "presence") this.#readPresence(frame.missed).catch(() => {});
    // Once the conversation is the assistant's again its messages are not pushed here: read the last ones.
    if (frame.type === "state" && this.threads.messages(frame.conversation_id)) this.threads.load(frame.conversation_id).catch(() => {});
    if (frame.type === "typing" && frame.author !== "advisor") this.#typing.set(frame.conversation_id, frame.on);
    if (frame.type === "message") this.#onMessage(frame.conversation_id, frame.message);
    for (const entry of extensions("frames")) if (entry.type === frame.type) entry.hear(frame, this);
  }

  /** It is chosen in another tab, or set to away; `missed`: who was because offers were left without an answer. */
  async #readPresence(missed = []) {
    const { user } = await this.api.get("/me");
    if (user.presence === this.me.presence) return;
    this.me.presence = user.presence;
    this.emit("presence");
    const action = { label: t("toast.back"), run: () => this.choosePresence("available") };
    if (user.presence === "away") this.emit("toast", { key: missed.includes(user.id) ? "toast.missed" : "toast.away", action, stays: AWAY_TOLD_MS });
  }

  #onMessage(conversationId, message) {
    if (message.author === "customer") this.#typing.set(conversationId, false);
    if (message.client_message_id) this.outbox.confirm(message.client_message_id);
    for (const item of this.handoffs) {
      if (item.conversation_id === conversationId) item.last_seq = Math.max(item.last_seq ?? 0, message.seq);
    }
    this.threads.receive(conversationId, message);
    const item = this.mine.find((each) => each.conversation_id === conversationId);
    if (item && message.author === "customer") this.emit("incoming", { item, message });
    this.emit("handoffs");
  }

  #onThread(detail) {
    this.emit("thread", detail);
    for (const message of detail.fresh) if (message.client_message_id) this.outbox.confirm(message.client_message_id);
    if (detail.conversation_id === this.selected?.conversation_id) this.markSeen();
  }
}
