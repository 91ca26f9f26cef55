// Beside the editor: what the assistant would say with this draft, last month’s questions asked of it, and collisions.

import { DeskElement } from "/static/desk/element.js";
import { TryAsk } from "./ask.js";
import { TryCollisions } from "./collisions.js";
import { TryReplay } from "./replay.js";

// What was found stays while another tab is looked at; by draft, and gone with it.
const kept = new WeakMap();

/** `draft`, `studio`: set before it is connected. */
export class StudioTry extends DeskElement {
  render() {
    const { draft, studio } = this;
    if (!kept.has(draft)) kept.set(draft, {});
    const given = { draft, studio, kept: kept.get(draft) };
    this.replaceChildren(...[new TryAsk(), new TryReplay(), new TryCollisions()].map((part) => Object.assign(part, given)));
  }
}

customElements.define("studio-try", StudioTry);
