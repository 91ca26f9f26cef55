// The card of something an advisor prepared: what will change, and whether it may still be confirmed.
import { h } from "../dom.js";
import { prepare } from "./parts.js";

const NO = "declined";

/** What the log needs to show such cards: `preparedBody(message)`, `settlePrepared(all)`. */
export async function loadCards(view) {
  const say = await prepare(view);
  return { preparedBody, settlePrepared: (all) => settlePrepared(all, say) };
}

/** What stands in the bubble instead of the plain text: the same words, set out. */
function preparedBody(message) {
  const { lines, sentence, note } = message.prepared;
  if (!sentence) return null;
  const facts = lines.flatMap(({ label, value }) => [h("dt", {}, label), h("dd", {}, value)]);
  return [
    h("p", { class: "prepared-lead" }, message.text.split("\n")[0]),
    facts.length ? h("dl", { class: "prepared-facts" }, ...facts) : null,
    h("p", {}, sentence),
    note ? h("p", { class: "prepared-note" }, note) : null,
  ].filter(Boolean);
}

/**
 * Settles the buttons of cards among `all` messages: open until they are pressed, or until a later message says what
 * became of them; other messages in between change nothing. Of two cards for the same thing only the newer is open.
 */
function settlePrepared(all, say) {
  const newest = new Map();
  const ended = new Map();
  const pressed = new Set();
  for (const message of all) {
    if (message.of && !message.failed) pressed.add(message.of);
    if (!message.prepared) continue;
    if (message.choices) newest.set(message.prepared.id, message.id);
    else ended.set(message.prepared.id, message.prepared.status);
  }
  return (node, message) => {
    const status = ended.get(message.prepared.id);
    const old = newest.get(message.prepared.id) !== message.id;
    const [yes, no] = node.querySelectorAll(".choice");
    for (const button of [yes, no]) if (button) button.disabled = Boolean(status) || old || pressed.has(message.id);
    yes?.classList.toggle("taken", !old && ["confirmed", "done", "refused", "failed"].includes(status));
    no?.classList.toggle("taken", !old && status === NO);
    const told = status ? say(`prepared_${status}`) : "";
    const line = node.querySelector(".prepared-state");
    if (line && line.textContent !== told) line.textContent = told;
  };
}
