// What the parts of the panel share.

import { h, icon } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";
import { percent } from "/static/desk/format.js";
import { label, t } from "/static/desk/i18n.js";

const TONES = { answer: "good", clarify: "warn", abstain: "bad" };

/** One of the panel’s parts. `draft`, `studio`, `kept` (what was found before): set before it is connected. */
export class TryPart extends DeskElement {
  /** A heading, a sentence about it, what is pressed, and where the rest goes. */
  frame(name, ...tools) {
    this.told = h("div", { class: "try-told", "aria-live": "polite" });
    this.replaceChildren(h("h2", {}, t(`try.${name}`)), h("p", { class: "try-lead" }, t(`try.${name}.lead`)), ...tools, this.told);
  }

  /** The form as it is now, for a request and to see later whether it has changed. */
  get form() {
    return structuredClone(this.draft.form);
  }

  /** A note that the draft is not what was tried any more; nothing while it is. */
  stale(form, again) {
    if (JSON.stringify(form) === JSON.stringify(this.draft.form)) return null;
    return h("p", { class: "try-stale" }, icon("alert"), h("span", {}, t("try.stale")),
      h("button", { class: "button button--small", type: "button", on: { click: again } }, t("try.again")));
  }

  failed(error) {
    this.told.replaceChildren(h("p", { class: "page-error", role: "alert" }, error.message));
  }
}

/** What the assistant decides, and how sure it is. */
export function decided({ decision, confidence }) {
  return h("span", { class: `badge badge--${TONES[decision]}` }, t("try.decided", { decision: label("try.decision", decision), sure: percent(confidence) }));
}
