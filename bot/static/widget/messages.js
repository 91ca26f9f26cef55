// What one message looks like. `view` gives texts (`say`, `time`), the conversation, and what a press does.
import { face, h, icon, link, linked, safeUrl } from "./dom.js";
import { preparedBody } from "./prepared.js";

/** The entry of a message or of an outbox item; the same element serves both, so that a sent bubble stays put. */
export function entry(message, view) {
  if (message.kind === "notice" || message.author === "system") return notice(message, view);
  if (!message.author || message.author === "customer") return own(message, view);
  const page = message.page && safeUrl(message.page.url);
  const card = message.prepared && message.choices ? preparedBody(message) : null;
  // The address that the text ends with is behind the button.
  const said = card ?? paragraphs(page ? message.text.replace(/\s*\S+$/, "") : message.text);
  // An article may exist in one language only, which need not be that of the conversation.
  const bubble = h("div", { class: "bubble" }, ...(message.answer?.locale ? [h("div", { lang: message.answer.locale }, ...said)] : said));
  const node = h("div", { class: `entry ${message.author}`, data: { author: message.author } }, who(message, view), bubble);
  if (page) bubble.append(link(page, view.say("open_page"), icon("out", 14), h("span", { class: "unseen" }, ` ${view.say("new_tab")}`)));
  if (page) bubble.lastChild.className = "solid page";
  if (message.answer) bubble.append(...source(message.answer, view), feedback(message, view));
  if (message.choices?.length) node.append(choices(message, view));
  if (message.prepared && message.choices) node.append(h("p", { class: "prepared-state" }));
  return node;
}

function paragraphs(text) {
  return (text ?? "").split(/\n{2,}/).map((part) => h("p", {}, ...linked(part)));
}

function who(message, view) {
  const name = message.author_name ?? view.say(message.author === "advisor" ? "an_advisor" : "assistant");
  return h("span", { class: "who" }, name);
}

function notice(message, view) {
  const node = h("div", { class: "entry notice", data: { author: "system" } }, h("p", {}, ...linked(message.text)));
  if (message.rating_requested) node.append(rating(message, view));
  if (message.choices?.length) node.append(choices(message, view));
  return node;
}

function own(message, view) {
  return h(
    "div",
    { class: "entry customer", data: { author: "customer" } },
    h("span", { class: "who" }, view.say("you")),
    h("div", { class: "bubble" }, h("p", {}, message.text ?? message.title)),
    // The state of sending is for the eye: a log that read out each "received" would never be quiet.
    h("div", { class: "status", aria: { live: "off" } }),
  );
}

/** Shows under a customer's bubble how far it got. */
export function showStatus(node, message, isLast, view) {
  const status = node.querySelector(".status");
  const state = message.seq ? (isLast ? "received" : "") : message.failed ? "failed" : "sending";
  const shown = `${state} ${message.error ?? ""}`;
  if (status.dataset.shown === shown) return;
  status.dataset.shown = shown;
  node.classList.toggle("failed", state === "failed");
  node.classList.toggle("sending", state === "sending");
  if (state === "failed") status.replaceChildren(...failure(message, view));
  else if (state === "received") status.replaceChildren(icon("tick", 14), view.say("received", { time: view.time(message.created_at) }));
  else status.replaceChildren(state ? view.say(state) : "");
}

function failure(message, view) {
  const press = (key, action) => h("button", { type: "button", class: "text-button", on: { click: action } }, view.say(key));
  return [
    h("span", { class: "reason", role: "alert" }, `${view.say("failed")}. ${message.error ?? ""}`),
    h("span", {}, press("retry", () => view.retry(message)), message.text ? press("edit", () => view.edit(message)) : null),
  ];
}

function source(answer, view) {
  const href = answer.url && safeUrl(answer.url, view.base);
  if (!href) return [];
  const read = link(href, view.say("read_article"), icon("out", 14), h("span", { class: "unseen" }, ` ${view.say("new_tab")}`));
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

/** Choices are open until the customer answers; then the taken one is marked. */
export function settleChoices(node, reply) {
  for (const button of node.querySelectorAll(".choice")) {
    button.disabled = Boolean(reply);
    button.classList.toggle("taken", Boolean(reply) && (reply.text ?? reply.title) === button.dataset.title);
  }
}

function rating(message, view) {
  const card = h("div", { class: "rating" });
  const thank = () => card.replaceChildren(h("p", { role: "status" }, view.say("rating_thanks")));
  if (view.conversation.answered(message.id) !== undefined) {
    thank();
    return card;
  }
  const comment = h("textarea", { rows: 2, maxLength: 1000, aria: { label: view.say("rating_comment") }, placeholder: view.say("rating_comment") });
  const more = h("div", { class: "rating-more", hidden: true }, comment, h("button", { type: "submit", class: "solid" }, view.say("rating_send")));
  const unfold = () => {
    more.hidden = false;
    more.scrollIntoView({ block: "nearest" });
  };
  const scores = [1, 2, 3, 4, 5].map((score) => {
    const input = h("input", { type: "radio", name: `rating-${message.id}`, value: String(score), on: { change: unfold } });
    return h("label", { class: "score", title: view.say(`rating_${score}`) }, input, face(score), h("span", { class: "unseen" }, view.say(`rating_${score}`)));
  });
  const send = (event) => {
    event.preventDefault();
    const score = Number(form.querySelector("input:checked").value);
    view.attempt(async () => {
      await view.conversation.rate(message.id, score, comment.value.trim());
      thank();
    }, more);
  };
  const legend = h("legend", {}, view.say("rating"));
  const form = h("form", { on: { submit: send } }, h("fieldset", {}, legend, h("div", { class: "scores" }, ...scores)), more);
  card.append(form);
  return card;
}
