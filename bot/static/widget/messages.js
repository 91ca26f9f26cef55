// What one message looks like. `view` gives texts (`say`, `time`), the conversation, and what a press does.
import { h, icon, link, linked, safeUrl } from "./dom.js";

/**
 * The entry of a message or of an outbox item; the same element serves both, so that a sent bubble stays put. `cards`
 * knows what an advisor prepared, once it is loaded.
 */
export function entry(message, view, cards) {
  if (message.kind === "notice" || message.author === "system") return notice(message, view);
  if (!message.author || message.author === "customer") return own(message, view);
  const page = message.page && safeUrl(message.page.url);
  const card = message.prepared && message.choices && cards ? cards.preparedBody(message) : null;
  // The address that the text ends with is behind the button.
  const said = card ?? (message.file ? fileOf(message, view) : null) ?? paragraphs(page ? message.text.replace(/\s*\S+$/, "") : message.text);
  // An article may exist in one language only, which need not be that of the conversation.
  const bubble = h("div", { class: "bubble" }, ...(message.answer?.locale ? [h("div", { lang: message.answer.locale }, ...said)] : said));
  const node = h("div", { class: `entry ${message.author}`, data: { author: message.author } }, who(message, view), bubble);
  if (page) bubble.append(link(page, view.say("open_page"), icon("out", 14), h("span", { class: "unseen" }, ` ${view.say("new_tab")}`)));
  if (page) bubble.lastChild.className = "solid page";
  if (message.answer) bubble.append(...source(message.answer, view));
  // Of an earlier conversation nobody is asked any more, nor thanked for what they may not have said.
  if (message.answer && !view.past) bubble.append(feedback(message, view));
  if (message.choices?.length) node.append(choices(message, view));
  if (message.prepared && message.choices) node.append(h("p", { class: "prepared-state" }));
  return node;
}

function paragraphs(text) {
  return (text ?? "").split(/\n{2,}/).map((part) => h("p", { dir: "auto" }, ...linked(part)));
}

// A picture is drawn once it is fetched; until then, and for what is no picture, its name.
function fileOf(message, view) {
  const place = h("div", { class: "file" }, h("p", { dir: "auto" }, message.text ?? message.name));
  view.later("files", "showFile", place, message);
  return [place];
}

function who(message, view) {
  const name = message.author_name ?? view.say(message.author === "advisor" ? "an_advisor" : "assistant");
  return h("span", { class: "who" }, name);
}

function notice(message, view) {
  const node = h("div", { class: "entry notice", data: { author: "system" } }, h("p", {}, ...linked(message.text)));
  if (message.rating_requested) {
    const place = h("div", { class: "rating" });
    node.append(place);
    view.later("rating", "fillRating", place, message);
  }
  if (message.choices?.length) node.append(choices(message, view));
  return node;
}

function own(message, view) {
  return h(
    "div",
    { class: "entry customer", data: { author: "customer" } },
    h("span", { class: "who" }, view.say("you")),
    h("div", { class: "bubble" }, ...(message.file ? fileOf(message, view) : [h("p", { dir: "auto" }, message.text ?? message.title)])),
    // The state of sending is for the eye: a log that read out each "received" would never be quiet.
    h("div", { class: "status", aria: { live: "off" } }),
  );
}

/** Shows under a customer's bubble how far it got: sent, received, read, or not. */
export function showStatus(node, message, isLast, view, isRead) {
  const status = node.querySelector(".status");
  const far = isRead ? "read" : "received";
  const state = message.seq ? (isLast ? far : "") : message.failed ? "failed" : "sending";
  const shown = `${state} ${message.error ?? ""}`;
  if (status.dataset.shown === shown) return;
  status.dataset.shown = shown;
  node.classList.toggle("failed", state === "failed");
  node.classList.toggle("sending", state === "sending");
  if (state === "failed") status.replaceChildren(...failure(message, view));
  else if (state === far) status.replaceChildren(icon(isRead ? "ticks" : "tick", 14), view.say(state, { time: view.time(message.created_at) }));
  else status.replaceChildren(state ? view.say(state) : "");
}

function failure(message, view) {
  const press = (key, action) => h("button", { type: "button", class: "text-button", on: { click: action } }, view.say(key));
  const back = message.text ? "edit" : message.file ? "remove" : null;
  // What is refused for what it is would be refused again.
  const retry = message.refused ? null : press("retry", () => view.retry(message));
  return [
    h("span", { class: "reason", role: "alert" }, `${view.say("failed")}. ${message.error ?? ""}`),
    h("span", {}, ...[retry, back && press(back, () => view.edit(message))].filter(Boolean)),
  ];
}

function source(answer, view) {
  const href = answer.url && safeUrl(answer.url, view.base);
  if (!href) return [];
  const read = link(href, view.say("read_article"));
  // In the chat itself, unless one asks the browser for a tab.
  read.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    view.later("reader", "readArticle", answer, read);
  });
  const title = h("span", { class: "source-title" }, h("span", { class: "unseen" }, `${view.say("source")} `), h("span", { lang: answer.locale }, answer.title ?? ""));
  return [h("div", { class: "source" }, icon("page", 18), h("div", {}, title, read, passage(answer, view)))];
}

// The part of the article that fits best, when it says more than the answer; the sentence that fits best is marked.
function passage(answer, view) {
  const flat = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  if (flat(answer.answer).includes(flat(answer.passage))) return null;
  const quote = h("blockquote", { lang: answer.locale }, ...marked(answer.passage.trim(), answer.sentence?.trim()));
  const unfolded = () => details.open && details.scrollIntoView({ block: "nearest" });
  const details = h("details", { class: "passage", on: { toggle: unfolded } }, h("summary", {}, view.say("see_passage")), quote);
  return details;
}

function marked(text, sentence) {
  const start = sentence ? text.indexOf(sentence) : -1;
  if (start < 0) return [text];
  return [text.slice(0, start), h("mark", {}, sentence), text.slice(start + sentence.length)];
}

function feedback(message, view) {
  const row = h("div", { class: "feedback" });
  const thank = (helpful) => row.replaceChildren(h("span", { role: "status" }, view.say(helpful ? "feedback_yes" : "feedback_no")));
  const told = view.conversation.answered(message.id);
  if (told !== undefined) {
    thank(told);
    return row;
  }
  const press = (key, helpful) => {
    const send = () => view.attempt(async () => {
      await view.conversation.feedback(message.id, helpful);
      thank(helpful);
      // The button that had the focus is gone: the keyboard goes on from here.
      row.tabIndex = -1;
      row.focus();
    }, row);
    return h("button", { type: "button", class: "pill", on: { click: send } }, view.say(key));
  };
  const question = h("span", { id: `relais-helpful-${message.id}` }, view.say("helpful"));
  row.setAttribute("role", "group");
  row.setAttribute("aria-labelledby", question.id);
  row.append(question, h("span", { class: "pair" }, press("yes", true), press("no", false)));
  return row;
}

function choices(message, view) {
  const group = h("div", { class: "choices", role: "group", aria: { label: view.say("choices") } });
  for (const choice of message.choices) {
    const pick = () => view.choose(message, choice);
    group.append(h("button", { type: "button", class: "choice", data: { title: choice.title }, on: { click: pick } }, choice.title));
  }
  return group;
}

/** Choices are open until the customer answers, or are `shut` by a person who is there; then the taken one is marked. */
export function settleChoices(node, reply, shut) {
  for (const button of node.querySelectorAll(".choices .choice")) {
    button.disabled = Boolean(reply) || shut;
    button.classList.toggle("taken", Boolean(reply) && (reply.text ?? reply.title) === button.dataset.title);
  }
}
