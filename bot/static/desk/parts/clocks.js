// Two clocks in the queue and in the head of a conversation: what is awaited, until when, and what is late.

import { h } from "../dom.js";
import { extend } from "../extensions.js";
import { t } from "../i18n.js";
import { dueMark, levelOf } from "./due.js";

const WHAT = { first_response: "response", next_response: "response", customer: "response", resolution: "resolution" };
const AGAIN_MS = 2000;
const GRAVITY = { late: 2, warning: 1, fine: 0 };

/** The clock to show: the gravest, then the one that is due first; a resolution that is far away is no news. */
export function pressing(item, skew) {
  const running = Object.entries(item.clocks ?? {})
    .filter(([, clock]) => clock.due_at)
    .map(([name, clock]) => ({ name, ...clock, level: levelOf(clock.due_at, clock.warn_at, skew) }))
    .filter((clock) => clock.name !== "resolution" || clock.level !== "fine");
  running.sort((one, other) => GRAVITY[other.level] - GRAVITY[one.level] || Date.parse(one.due_at) - Date.parse(other.due_at));
  return running[0] ?? null;
}

function mark(item, store) {
  const clock = !item.closed && pressing(item, store.skew);
  return clock ? dueMark({ what: WHAT[clock.name], due_at: clock.due_at, warn_at: clock.warn_at, skew: store.skew }) : null;
}

const now = (item, store) => JSON.stringify([pressing(item, store.skew), Math.round(store.skew / 1000)]);

extend("rowMarks", { name: "clocks", order: 10, make: mark, signature: now });

extend("strips", {
  name: "clocks",
  order: 10,
  signature: (store, item) => now(item, store),
  make: (store, item) => {
    const node = mark(item, store);
    return node && h("p", { class: "due-strip" }, h("span", { class: "visually-hidden" }, t("due.strip")), node);
  },
});

let timer = 0;

/**
 * An answer stops the clocks of an answer at once; what the customer writes starts one, which only the server can tell.
 * It is asked a moment later either way: a list that was on its way meanwhile may have brought back what was before.
 */
function hear({ conversation_id, message }, store) {
  const item = store.handoffs.find((each) => each.conversation_id === conversation_id && !each.closed);
  if (!item?.clocks || message.internal || !["advisor", "customer"].includes(message.author)) return;
  if (message.author === "advisor") {
    const { first_response: _, next_response: __, ...rest } = item.clocks;
    item.clocks = { ...rest, customer: { due_at: null, warn_at: null, state: "fine" } };
    store.emit("handoffs");
  }
  if (store.isMine(item)) {
    clearTimeout(timer);
    timer = setTimeout(() => store.refresh().catch(() => {}), AGAIN_MS);
  }
}

extend("frames", { type: "message", hear });
