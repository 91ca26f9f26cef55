// An earlier conversation of the person one serves, opened from the card to be read.

import { openDialog } from "../dialog.js";
import { h, reconcile } from "../dom.js";
import { date } from "../format.js";
import { label, t } from "../i18n.js";
import { threadBlocks } from "../thread.js";

export async function openPast(store, conversationId, customer) {
  let thread;
  try {
    thread = await store.api.get(`/conversations/${encodeURIComponent(conversationId)}`);
  } catch (error) {
    store.emit("toast", { key: "toast.failed", variables: { reason: error.message }, bad: true });
    return;
  }
  const list = h("ol", { class: "thread" });
  const view = { customer, me: store.me, open: new Set(thread.messages.map((message) => `group-${message.id}`)), reading: null };
  const draw = () => reconcile(list, threadBlocks(thread.messages, [], view, actions));
  const actions = {
    toggle: (key) => {
      if (!view.open.delete(key)) view.open.add(key);
      draw();
      list.querySelector(`[data-group="${CSS.escape(key)}"]`)?.focus();
    },
  };
  draw();
  const facts = [date(thread.created_at), label("channel", thread.channel), label("topic", thread.topic), label("outcome", thread.outcome)].filter(Boolean).join(" · ");
  const body = [h("p", { class: "aside" }, facts), h("div", { class: "past-thread", tabindex: "0", role: "group", "aria-label": t("thread.label") }, list)];
  await openDialog({ title: t("past.title"), body, wide: true });
}
