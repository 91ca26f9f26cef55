// Where an article stands, and what can be done with it next: one strong button, the rest in a menu.

import { field, openDialog } from "/static/desk/dialog.js";
import { h, icon } from "/static/desk/dom.js";
import { dateTime } from "/static/desk/format.js";
import { t } from "/static/desk/i18n.js";
import { MenuButton } from "/static/desk/menu-button.js";
import { dayAt, instantOf, wallClock } from "/static/desk/zone.js";
import { emailOf } from "./draft.js";

/** `[tone, words]` of the badge of a language. */
export function stateOf({ draft, published, side }) {
  if (draft?.publish_at) return ["info", t("articles.state.scheduled_for", { when: dateTime(draft.publish_at) })];
  if (draft && published && !side.archived) return [{ in_review: "warn" }[draft.state] ?? "good", t(`articles.published_draft.${draft.state ?? "draft"}`)];
  if (draft) return [{ in_review: "warn", approved: "good" }[draft.state] ?? "plain", t(`articles.state.${draft.state ?? "draft"}`)];
  if (side.archived || side.state === "archived") return ["plain", t("articles.state.archived")];
  return published ? ["good", t("articles.state.published")] : ["plain", t("articles.state.none")];
}

/** What may be done now: the first is the strong one. */
export function stepsOf(draft, { me, may }) {
  const kept = draft.draft;
  const isArchived = Boolean(draft.side.archived) || draft.side.state === "archived";
  // What two must read is put away, or back, by who publishes.
  const away = (step) => (draft.second && !may("publish") ? [] : [step]);
  if (isArchived && !kept) return away("unarchive");
  if (!kept) return draft.published ? ["", "page", ...away("archive")] : [];
  const isMe = (person) => Boolean(person) && emailOf(person) === me.email;
  // One’s own text is for others to approve; what one mended in another’s text one may, and then somebody else publishes it.
  const mine = isMe(kept.updated_by) && isMe(kept.author);
  const by = emailOf(kept.approved_by ?? "");
  // Approved by one of its writers only: somebody else publishes it, or approves it too.
  const isHalf = by && !kept.approved_before && [kept.author, kept.updated_by, ...(kept.writers ?? [])].some((one) => emailOf(one ?? "") === by);
  const more = [...(draft.published ? ["page", ...away("archive")] : []), "discard"];
  // What is to go out by itself is not put away meanwhile: it would be back at its hour.
  if (kept.publish_at) return ["unschedule", ...more.filter((step) => step !== "archive")];
  const free = !draft.second || (kept.state === "approved" && !(isHalf && by === me.email));
  const publishing = free ? ["publish", "schedule"] : [];
  if (kept.state === "in_review") return [...(may("approve") && !mine ? ["approve", "reject"] : ["withdraw"]), ...publishing, ...more];
  const again = isHalf && by !== me.email && !mine && may("approve");
  if (kept.state === "approved") return [...publishing, ...(again ? ["approve"] : []), "withdraw", ...more];
  return [...publishing, "submit", ...more];
}

/** A menu of the steps that are not the strong one. */
export class StepMenu extends MenuButton {
  render() {
    const button = h("button", { class: "icon-button", type: "button", "aria-label": t("articles.more"), title: t("articles.more"), "aria-haspopup": "menu", "aria-expanded": "false" }, icon("dots"));
    const entry = (name) => h("li", { role: "none" }, h("button", { class: "menu-item", type: "button", role: "menuitem", tabindex: "-1", data: { step: name }, on: { click: () => this.#run(name) } }, t(`articles.step.${name}`)));
    this.assemble(button, h("ul", { class: "menu", role: "menu", "aria-label": t("articles.more"), hidden: true }, this.steps.map(entry)));
  }

  #run(name) {
    this.toggle(false);
    this.button.focus();
    this.run(name);
  }
}

/** Asks what a step needs to know; null when it was closed. */
export async function askFor(step) {
  if (step === "schedule") return askMoment();
  if (step === "reject" || step === "submit") return askNote(step);
  return {};
}

async function askMoment() {
  const at = h("input", { class: "input", type: "datetime-local", name: "at", required: true, min: wallClock(new Date()), value: wallClock(dayAt(new Date(), 1, 9)) });
  const wrong = () => {
    const moment = instantOf(at.value);
    return Number.isNaN(moment.getTime()) || moment <= new Date() ? t("articles.schedule.past") : "";
  };
  const answer = await openDialog({ title: t("articles.step.schedule"), submit: t("articles.schedule.go"), body: [field(t("articles.schedule.at"), at, t("articles.schedule.hint"))], check: wrong });
  return answer && { at: instantOf(at.value).toISOString() };
}

async function askNote(step) {
  const note = h("textarea", { class: "input", name: "note", rows: "4", maxlength: "2000" });
  const wrong = () => (step === "reject" && !note.value.trim() ? t("articles.reject.why") : "");
  const answer = await openDialog({ title: t(`articles.step.${step}`), submit: t(`articles.step.${step}`), body: [field(t(`articles.note.${step}`), note)], check: wrong });
  return answer && { note: note.value.trim() };
}

customElements.define("article-steps", StepMenu);
