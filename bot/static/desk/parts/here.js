// Who else has the conversation open, and who is writing in it: each page says so every few seconds while it is in front.

import { extend } from "../extensions.js";

const BEAT_MS = 10_000;
const there = new Map();
const started = new WeakSet();

/** The others who have this conversation open now: `[{id, name, doing}]`. */
export const othersHere = (store, item) => (there.get(item.conversation_id) ?? []).filter((one) => one.id !== store.me.id);

extend("frames", { type: "ready", hear: (_, store) => start(store) });
extend("frames", { type: "here", hear: (frame, store) => note(store, frame.conversation_id, frame.people) });

function note(store, conversationId, people) {
  const before = JSON.stringify(there.get(conversationId) ?? []);
  there.set(conversationId, people);
  if (JSON.stringify(people) !== before && store.selected?.conversation_id === conversationId) store.emit("handoffs");
}

function start(store) {
  if (started.has(store)) return;
  started.add(store);
  let at = null;
  let doing = "looking";
  const say = async (conversationId, what) => {
    try {
      const { people } = await store.api.post(`/conversations/${encodeURIComponent(conversationId)}/here`, { doing: what });
      note(store, conversationId, people);
    } catch {
      // A warning less; the next beat comes soon.
    }
  };
  const look = () => {
    const open = document.hidden ? null : (store.selected?.conversation_id ?? null);
    if (at && at !== open) say(at, "gone");
    if (open !== at) doing = "looking";
    at = open;
    if (at) say(at, doing);
  };
  store.addEventListener("selected", look);
  document.addEventListener("visibilitychange", look);
  store.addEventListener("writing", ({ detail }) => {
    doing = detail.doing;
    if (detail.conversation_id === at) say(at, doing);
  });
  setInterval(() => at && look(), BEAT_MS);
  look();
}
