// Two clocks in the queue and in the head of a conversation: what is awaited, until when, and what is late.

import { h } from "../dom.js";
import { extend } from "../extensions.js";
import { t } from "../i18n.js";
import { dueMark, levelOf } from "./due.js";

const WHAT = { first_response: "response", next_response: "response", customer: "response", resolution: "resolution" };
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
