// Earlier conversations: which there were, and each to be read again.
import { h } from "../dom.js";
import { entry } from "../messages.js";
import { isKept, prepare, Sheet } from "./parts.js";

/** The list of them, the latest first. */
export async function showPast(view) {
  const say = await prepare(view);
  const sheet = new Sheet(view, say, say("past"));
  await list(view, say, sheet);
}

async function list(view, say, sheet) {
  sheet.show(h("p", { class: "sheet-lead", role: "status" }, say("loading")));
  try {
    // Nobody is asked who has said nothing yet: then there is nothing.
    const { conversations } = (await isKept(view)) ? await view.conversation.ask("GET", "/past") : { conversations: [] };
    const items = conversations.map((one) => h("li", {}, row(view, say, sheet, one)));
    sheet.show(items.length ? h("ul", { class: "offers" }, ...items) : h("p", { class: "sheet-lead" }, say("past_none")));
  } catch (error) {
    sheet.show(h("p", { role: "alert" }, error.message || view.say("trouble")));
  }
}

function row(view, say, sheet, one) {
  const when = h("span", { class: "past-when" }, [one.topic, view.texts.date(one.started_at)].filter(Boolean).join(" · "));
  return h("button", { type: "button", class: "offer past-row", on: { click: () => read(view, say, sheet, one) } }, h("span", { class: "past-title", dir: "auto" }, one.title), when);
}

async function read(view, say, sheet, one) {
  sheet.show(h("p", { class: "sheet-lead", role: "status" }, say("loading")));
  sheet.retitle(one.title);
  const back = () => {
    sheet.retitle(say("past"));
    list(view, say, sheet);
  };
  const again = h("button", { type: "button", class: "text-button", on: { click: back } }, say("past_back"));
  try {
    const { messages } = await view.conversation.ask("GET", `/past/${one.id}`);
    // To be read: what could be pressed then is said no more.
    const shown = messages.map((message) => entry({ ...message, choices: undefined, prepared: undefined, input: undefined, rating_requested: false, file: undefined, answer: source(message) }, still(view)));
    const log = h("div", { class: "log past-log", tabIndex: 0, role: "group", aria: { label: view.say("messages") } }, ...shown);
    sheet.show(again, h("p", { class: "sheet-lead" }, view.texts.date(one.started_at)), log);
  } catch (error) {
    sheet.show(again, h("p", { role: "alert" }, error.message || view.say("trouble")));
  }
}

const source = ({ answer }) => answer && { ...answer, passage: "" };

// What was asked about an answer then is not asked again.
function still(view) {
  return Object.assign(Object.create(view), { conversation: { answered: () => "past" }, past: true });
}
