// "This should be an article": a mark on a reply, for the writers; taken back with one click.

import { field, openDialog } from "../dialog.js";
import { h, icon } from "../dom.js";
import { extend } from "../extensions.js";
import { t } from "../i18n.js";

const wished = new Map();

const known = (conversationId) => wished.get(conversationId);
const redraw = (store, conversationId) => store.emit("thread", { conversation_id: conversationId, fresh: [] });

/** The marks of a conversation, read once when it is first drawn. */
function ask(store, conversationId) {
  if (wished.has(conversationId)) return;
  wished.set(conversationId, new Set());
  store.api.get(`/conversations/${encodeURIComponent(conversationId)}/article-wishes`).then(
    ({ message_ids }) => {
      if (!message_ids.length) return;
      wished.set(conversationId, new Set(message_ids));
      redraw(store, conversationId);
    },
    () => wished.delete(conversationId),
  );
}

function mark(store, conversationId, messageId, on) {
  const marks = known(conversationId);
  if (!marks || marks.has(messageId) === on) return;
  if (on) marks.add(messageId);
  else marks.delete(messageId);
  redraw(store, conversationId);
}

const addressOf = (item, message) => `/conversations/${encodeURIComponent(item.conversation_id)}/messages/${encodeURIComponent(message.id)}/article-wish`;

/** What the article should say, in the advisor's words. */
async function comment(store, item, message) {
  const words = h("textarea", { class: "input", name: "comment", rows: "3", maxlength: "500" });
  const check = async () => {
    if (!words.value.trim()) return t("words.wish.comment.missing");
    await store.api.post(addressOf(item, message), { comment: words.value.trim() });
    return "";
  };
  const body = [field(t("words.wish.comment.label"), words, t("words.wish.comment.hint"))];
  if (await openDialog({ title: t("words.wish.comment"), body, submit: t("words.wish.comment.send"), check })) store.emit("toast", { key: "words.wish.comment.sent" });
}

async function toggle(store, item, message, on) {
  const address = addressOf(item, message);
  try {
    await (on ? store.api.post(address) : store.api.delete(address));
    mark(store, item.conversation_id, message.id, on);
    const actions = [
      { label: t("words.wish.comment"), run: () => comment(store, item, message) },
      { label: t("words.undo"), run: () => toggle(store, item, message, false) },
    ];
    store.emit("toast", { key: on ? "words.wish.sent" : "words.wish.undone", actions: on ? actions : [] });
  } catch (error) {
    store.emit("toast", { key: "toast.failed", variables: { reason: error.message }, bad: true });
  }
}

function make(message, store, item) {
  if (!item || message.internal || !["advisor", "bot"].includes(message.author)) return null;
  ask(store, item.conversation_id);
  const on = Boolean(known(item.conversation_id)?.has(message.id));
  const name = t(on ? "words.wish.on" : "words.wish");
  const press = (event) => {
    event.stopPropagation();
    toggle(store, item, message, !on);
  };
  return h("button", { class: "words-wish", type: "button", "aria-pressed": String(on), title: name, data: { wish: message.id }, on: { click: press } }, icon("book"), h("span", {}, name));
}

extend("messages", { name: "wish", order: 50, make, signature: (message, store, item) => String(Boolean(item && known(item.conversation_id)?.has(message.id))) });
extend("frames", { type: "wish", hear: (frame, store) => mark(store, frame.conversation_id, frame.message_id, frame.on) });
