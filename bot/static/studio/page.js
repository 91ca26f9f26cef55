// The base of the studio's pages. The shell sets `studio` before the page is connected, and calls `render()`.

import { h } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";

/**
 * `studio`: `{api, me, say, may, rest, languages, topics}`:
 * - `api`: JSON calls beneath /api/v1/studio (`get`, `post`, `put`, `patch`, `delete`); a failure is an `ApiError`
 * - `say(key, variables, {bad, action})`: a short message at the foot of the page
 * - `may(right)`: whether whoever reads has a right of bot/rights.py
 * - `rest`: what follows the page’s name in the address, split at “/”
 * - `languages`: those that the company speaks; `topics`: the closed list of them
 */
export class StudioPage extends DeskElement {
  get api() {
    return this.studio.api;
  }

  /** Heading, tools beside it, a sentence beneath, then `content`. */
  frame({ title, lead = "", tools = [] }, ...content) {
    document.title = `${title} · Relais`;
    this.classList.add("page-inside");
    this.replaceChildren(
      h("div", { class: "page-head" }, h("h1", {}, title), h("div", { class: "page-tools" }, tools)),
      ...(lead ? [h("p", { class: "page-lead" }, lead)] : []),
      ...content.flat(Infinity).filter(Boolean));
  }

  /** Do something and say how it went; null when it failed. */
  async run(work, said = "", variables = {}) {
    try {
      const answer = await work();
      if (said) this.studio.say(said, variables);
      return answer ?? {};
    } catch (error) {
      this.studio.say("toast.failed", { reason: error.message }, { bad: true });
      return null;
    }
  }
}
