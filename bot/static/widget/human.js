// The row above where one writes: the way to a person, the place in the queue, who answers.
import { h, icon } from "./dom.js";

export class Human {
  #view;
  #drawn = "";
  #slip = null;

  constructor(view) {
    this.#view = view;
    this.node = h("div", { class: "human" });
  }

  update() {
    const { owner, handoff } = this.#view.conversation.state;
    if (owner !== "queue") this.#slip?.close();
    // The same words stand on a button of the last answer: one of them is enough.
    this.node.hidden = owner === "bot" && this.#isOffered();
    const shown = [owner, handoff?.position, handoff?.wait_seconds, handoff?.opens_at, this.#view.advisor].join();
    if (shown === this.#drawn) return;
    this.#drawn = shown;
    const held = this.node.querySelector(":focus")?.className;
    this.node.replaceChildren(...this.#row(owner, handoff));
    // The place in the queue moves on beneath whoever stands on a button of this row.
    if (held) this.node.getElementsByClassName(held)[0]?.focus();
  }

  #isOffered() {
    const open = this.#view.scroller.querySelectorAll(".choices .choice:enabled");
    return [...open].some((button) => button.dataset.title === this.#view.say("human"));
  }

  #press(key, glyph, action, name = "") {
    const run = () => this.#view.attempt(action, this.node);
    return h("button", { type: "button", class: `text-button ${name}`, on: { click: run } }, glyph, this.#view.say(key));
  }

  #row(owner, handoff) {
    const { conversation } = this.#view;
    if (owner === "bot") return [this.#press("human", icon("person", 18), () => conversation.askHuman())];
    if (owner !== "queue") return [h("span", {}, this.#view.say("with_advisor", { name: this.#view.advisor }))];
    const seeSlip = this.#press("see_slip", null, () => this.#seeSlip(), "slip-open");
    const stop = this.#press("cancel_request", null, () => conversation.stopWaiting(), "stop");
    return [h("span", {}, this.#wait(handoff)), seeSlip, stop];
  }

  #wait(handoff) {
    const { texts } = this.#view;
    const say = (key, values) => texts.say(key, values);
    const opens = handoff?.opens_at && new Date(handoff.opens_at);
    const place = handoff?.position ? say("queue_place", { position: handoff.position }) : say("queue_noted");
    const first = opens ? say("queue_opens", { when: `${texts.calendar.format(opens)}, ${texts.clock.format(opens)}` }) : place;
    const minutes = handoff?.wait_seconds ? say("queue_wait", { minutes: Math.max(1, Math.round(handoff.wait_seconds / 60)) }) : null;
    return [first, minutes].filter(Boolean).join(" · ");
  }

  async #seeSlip() {
    const { openSlip } = await import("./slip/slip.js");
    if (this.#view.conversation.state.owner === "queue") this.#slip = await openSlip(this.#view);
  }
}
