// Messages as blocks: days, the assistant's part (folded), people's messages, notices, and what is still being sent.

import { externalLink, h, icon, linkified } from "./dom.js";
import { extensions, signatures } from "./extensions.js";
import { day, dayKey, time } from "./format.js";
import { locale, plural, t } from "./i18n.js";
import { deliveries, deliveryLine, fileOf, noteText } from "./thread-more.js";

const SAME_BREATH_MS = 5 * 60_000;
const FOLD_FROM = 3;

/**
 * The blocks of a conversation, for `reconcile`. `view`: `{customer, me, open, reading, store, item}`: the customer's name, the
 * user, the set of assistant groups that are unfolded, how far the customer has read, and for what parts add the store and
 * the handoff; `actions`: `{toggle(key), retry(id), withdraw(id), again(messageId)}`.
 */
export function threadBlocks(messages, pending, view, actions) {
  const blocks = [];
  let previous = null;
  let today = "";
  const states = deliveries(messages, view.reading);
  for (const part of parts(messages)) {
    const first = part.group ? part.group[0] : part.message;
    if (dayKey(first.created_at) !== today) {
      today = dayKey(first.created_at);
      blocks.push(dayBlock(first));
      previous = null;
    }
    if (part.group) blocks.push(groupBlock(part.group, view, actions));
    else blocks.push(messageBlock(part.message, { continued: continues(previous, part.message), delivery: states[part.message.id] }, view, actions));
    previous = part.group ? null : part.message;
  }
  const known = new Set(messages.map((message) => message.client_message_id));
  for (const entry of pending) if (!known.has(entry.client_message_id)) blocks.push(pendingBlock(entry, view, actions));
  return blocks;
}

/** Runs of customer and bot messages, up to the bot's last one, are one group; everything else stands alone. */
function parts(messages) {
  const out = [];
  let run = [];
  const close = () => {
    const end = run.findLastIndex((message) => message.author === "bot") + 1;
    if (end) out.push({ group: run.slice(0, end) });
    out.push(...run.slice(end).map((message) => ({ message })));
    run = [];
  };
  for (const message of messages) {
    const plain = !message.internal && message.kind !== "notice";
    if (plain && (message.author === "customer" || message.author === "bot")) run.push(message);
    else {
      close();
      out.push({ message });
    }
  }
  close();
  return out;
}

function continues(previous, message) {
  if (!previous || previous.author !== message.author || previous.author_name !== message.author_name) return false;
  if (previous.internal || message.internal || message.kind === "notice") return false;
  return new Date(message.created_at) - new Date(previous.created_at) < SAME_BREATH_MS;
}

function dayBlock(message) {
  const text = day(message.created_at);
  return { key: `day-${dayKey(message.created_at)}-${message.id}`, signature: text, make: () => h("li", { class: "day" }, h("span", {}, text)) };
}

function groupBlock(group, view, actions) {
  const key = `group-${group[0].id}`;
  const foldable = group.length >= FOLD_FROM;
  const open = !foldable || view.open.has(key);
  return {
    key,
    signature: JSON.stringify([group.map((message) => [message.id, signatures("messages", message, view.store, view.item)]), open, view.customer, locale()]),
    make: () => {
      const list = h("ol", { class: "assistant-lines", id: key }, group.map((message) => assistantLine(message, view)));
      return h("li", { class: `assistant${open ? " assistant--open" : ""}` }, groupHead(group, key, { foldable, open }, actions), list);
    },
  };
}

function groupHead(group, key, { foldable, open }, actions) {
  const from = time(group[0].created_at);
  const to = time(group.at(-1).created_at);
  const span = from === to ? from : `${from} – ${to}`;
  const words = [icon("bot"), h("span", { class: "assistant-title" }, t("thread.assistant")), h("span", { class: "assistant-count" }, `${plural("thread.messages", group.length)} · ${span}`)];
  if (!foldable) return h("div", { class: "assistant-head" }, words);
  const toggle = h("span", { class: "assistant-toggle" }, t(open ? "thread.fold" : "thread.unfold"), icon("down"));
  return h("button", { class: "assistant-head", type: "button", "aria-expanded": String(open), "aria-controls": key, data: { group: key }, on: { click: () => actions.toggle(key) } }, words, toggle);
}

function assistantLine(message, view) {
  const bot = message.author === "bot";
  return h("li", { class: `line line--${message.author}` },
    h("span", { class: "line-who" }, bot ? t("author.bot") : view.customer.split(" ")[0]),
    h("div", { class: "line-text" }, message.file ? fileOf(message.file) : h("p", { class: "text" }, linkified(message.text ?? "")), answerSource(message), choices(message), edits(message), added(message, view)));
}

/** On a channel where what was sent can be changed: what is corrected stays, and so does this. */
function edits(message) {
  return message.edits && h("p", { class: "source" }, t("thread.edits"));
}

/** What parts of the desk put beneath a message. */
function added(message, view) {
  return view.item && extensions("messages").map((entry) => entry.make(message, view.store, view.item));
}

function answerSource(message) {
  const { answer } = message;
  if (!answer?.title) return null;
  return h("p", { class: "source" }, icon("book"), externalLink(answer.url, answer.title));
}

function choices(message) {
  if (!message.choices?.length) return null;
  return h("ul", { class: "choices", "aria-label": t("thread.choices") }, message.choices.map((choice) => h("li", {}, choice.title)));
}

function messageBlock(message, state, view, actions) {
  const said = message.kind === "notice" || (message.author === "system" && !message.internal);
  return {
    key: message.id,
    signature: JSON.stringify([message, state, view.customer, locale(), view.item && signatures("messages", message, view.store, view.item)]),
    make: () => (said && !message.internal ? notice(message) : bubble(message, state, view, actions)),
  };
}

function notice(message) {
  return h("li", { class: "notice" }, h("span", {}, message.text), h("time", { datetime: message.created_at }, time(message.created_at)));
}

function authorName(message, view) {
  if (message.author === "customer") return view.customer;
  if (message.author === "advisor") return message.author_name || t("author.advisor");
  return t(`author.${message.author}`);
}

function bubble(message, { continued, delivery }, view, actions) {
  const side = message.internal ? "internal" : message.author;
  return h("li", { class: `message message--${side}${continued ? " message--continued" : ""}`, data: { seq: message.seq } },
    h("p", { class: "message-head" },
      message.internal && icon("lock"),
      h("span", { class: "message-author" }, authorName(message, view)),
      message.internal && h("span", { class: "message-kind" }, message.note ? t(`thread.note.${message.note}`) : t("thread.internal")),
      h("time", { datetime: message.created_at }, time(message.created_at))),
    h("div", { class: "bubble" }, message.file ? fileOf(message.file) : h("p", { class: "text" }, message.internal ? noteText(message, view.me.id) : linkified(message.text ?? "")), answerSource(message), choices(message), edits(message)),
    deliveryLine(delivery, () => actions.again(message.id)),
    added(message, view));
}

function pendingBlock(entry, view, actions) {
  const id = entry.client_message_id;
  return {
    key: `pending-${id}`,
    signature: JSON.stringify([entry.state, entry.error, locale()]),
    make: () => h("li", { class: `message message--${entry.note ? "internal" : "advisor"} message--${entry.state}` },
      h("p", { class: "message-head" }, entry.note && icon("lock"), h("span", { class: "message-author" }, view.me.name), entry.note && h("span", { class: "message-kind" }, t("thread.note.note")), h("time", { datetime: entry.created_at }, time(entry.created_at))),
      h("div", { class: "bubble" }, h("p", { class: "text" }, entry.text)),
      h("p", { class: "delivery" }, entry.state === "failed" && icon("alert"), t(`delivery.${entry.state}`, { reason: entry.error }),
        entry.state === "failed" && h("button", { class: "button button--small", type: "button", on: { click: () => actions.retry(id) } }, t("delivery.retry")),
        entry.state === "failed" && h("button", { class: "button button--small button--quiet", type: "button", on: { click: () => actions.withdraw(id) } }, t("delivery.edit")))),
  };
}
