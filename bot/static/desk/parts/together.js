// Who is in a conversation with one: a bar above the messages, marks in the queue, and words that come for this person.

import "./closing.js";
import "./mentions.js";
import "./passing.js";
import "./snooze.js";
import "./tags.js";
import { h, icon } from "../dom.js";
import { extend } from "../extensions.js";
import { t } from "../i18n.js";
import { othersHere } from "./here.js";
import { ringFor } from "./mentions.js";

const MAY_UNDO = new Set(["invited", "listening", "joined"]);

extend("keys", { key: "n", keys: [], label: () => t("keys.note"), run: () => document.querySelector("desk-conversation")?.focusNote() });

/** Invited, transferred, assigned: the list is fetched first, so that the way in leads somewhere. */
extend("frames", {
  type: "word",
  hear: async (frame, store) => {
    await store.refresh().catch(() => {});
    ringFor(store, t(`word.${frame.word}`, { name: frame.by }), frame.handoff_id);
  },
});

/** News of how far the customer has read, and of deliveries. */
extend("frames", { type: "read", hear: (frame, store) => store.threads.messages(frame.conversation_id) && store.threads.noteReading(frame.conversation_id, frame.reading) });
extend("frames", {
  type: "delivery",
  hear: ({ conversation_id: id, delivery }, store) => {
    if (!store.threads.messages(id)) return;
    const others = (store.threads.reading(id)?.deliveries ?? []).filter((each) => each.message_id !== delivery.message_id);
    store.threads.noteReading(id, { deliveries: [...others, delivery] });
  },
});

extend("strips", {
  name: "together",
  order: 10,
  signature: (store, item, context, mode) => [mode === "closed", item.people, othersHere(store, item), item.advisor?.id],
  make: (store, item, context, mode) => (mode === "closed" ? null : bar(store, item, mode)),
});

function bar(store, item, mode) {
  const part = store.partIn(item);
  const parts = new Map((item.people ?? []).filter((one) => one.id !== store.me.id).map((one) => [one.id, t(`together.${one.role}`, { name: one.name })]));
  const here = othersHere(store, item);
  const writing = here.filter((one) => one.doing !== "looking").map((one) => h("span", { class: "together-writing" }, icon("pen"), t(`here.${one.doing}`, { name: one.name })));
  // Whose part is said already need not be said to look on.
  const looking = here.filter((one) => one.doing === "looking" && !parts.has(one.id)).map((one) => h("span", {}, icon("eye"), t("here.looking", { name: one.name })));
  const known = [...parts.values()].map((text) => h("span", {}, icon("people"), text));
  const own = MAY_UNDO.has(part) && mode !== "mine" && h("span", {}, icon("eye"), t(`together.you.${part}`), " ",
    h("button", { class: "button button--small", type: "button", on: { click: () => store.act(() => store.api.post(`/handoffs/${encodeURIComponent(item.handoff_id)}/leave`)) } }, t("together.leave")));
  const all = [own, ...known, ...writing, ...looking].filter(Boolean);
  return all.length ? h("div", { class: "together-strip", role: "status" }, all) : null;
}

extend("rowMarks", {
  name: "together",
  order: 10,
  make: (item, store) => {
    const part = store.partIn(item);
    if (part) return h("span", { class: "badge badge--info" }, icon("eye"), t(`together.mark.${part}`));
    return item.people?.length > 0 && h("span", { class: "mark" }, icon("people"), item.people.map((one) => one.name).join(", "));
  },
});
