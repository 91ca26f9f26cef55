// “Send on…”: to whom, a note, and the mail word for word before it goes.

import { field, openDialog } from "/static/desk/dialog.js";
import { h } from "/static/desk/dom.js";
import { locale, t } from "/static/desk/i18n.js";

const SOON_MS = 350;
const LONGEST_NOTE = 2000;
// The mail leaves a little later than that.
export const UNDO_MS = 12_000;

export const ownerName = ({ id, name }) => name?.[locale()] ?? id;

/** `subject`: `{gap_id}` or `{article_id, locale}`. Whether it was sent. */
export async function sendOn(page, subject, days) {
  const found = await page.run(() => page.api.get("/sent-on"));
  if (!found) return false;
  if (!found.owners.length) {
    await openDialog({ title: t("sent.on"), body: [h("p", { class: "empty-title" }, t("sent.owners.none")), h("p", {}, t("sent.owners.how"))] });
    return false;
  }
  const form = new Letter(page, { ...subject, days: Number(days) }, found.owners);
  const answer = await openDialog({ title: t("sent.on"), wide: true, body: form.parts, submit: t("sent.go"), check: () => form.send() });
  form.close();
  if (!answer) return false;
  const back = () => page.run(() => page.api.delete(`/sent-on/${form.sent}`), "studio.undone").then(() => page.load?.());
  page.studio.say("sent.said", { owner: form.owner }, { action: { label: t("studio.undo"), run: back }, stays: UNDO_MS });
  return true;
}

class Letter {
  #timer = 0;
  #call = 0;

  constructor(page, subject, owners) {
    this.page = page;
    this.subject = subject;
    this.select = h("select", { class: "input", name: "owner", on: { change: () => this.#show() } }, owners.map((owner) => h("option", { value: owner.id }, ownerName(owner))));
    this.note = h("textarea", { class: "input", name: "note", rows: "3", maxlength: String(LONGEST_NOTE), on: { input: () => this.#soon() } });
    this.letter = h("div", { class: "sent-letter", tabindex: "0", role: "region", "aria-label": t("sent.letter") }, t("page.loading"));
    this.parts = [h("p", {}, t("sent.lead")), field(t("sent.to"), this.select), field(t("sent.note"), this.note, t("sent.note.hint")), h("p", { class: "sent-label" }, t("sent.letter")), this.letter];
    this.#show();
  }

  get owner() {
    return this.select.selectedOptions[0].textContent;
  }

  get #body() {
    return { ...this.subject, owner: this.select.value, note: this.note.value };
  }

  close() {
    clearTimeout(this.#timer);
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), SOON_MS);
  }

  async #show() {
    const mine = ++this.#call;
    try {
      const { to, subject, text } = await this.page.api.post("/sent-on/preview", this.#body);
      if (mine === this.#call) this.letter.replaceChildren(h("p", { class: "sent-small" }, to), h("p", { class: "sent-subject" }, subject), h("p", { class: "sent-text" }, text));
    } catch (error) {
      if (mine === this.#call) this.letter.replaceChildren(h("p", { class: "page-error", role: "alert" }, error.message));
    }
  }

  /** Throws what the dialog shows. */
  async send() {
    this.sent = (await this.page.api.post("/sent-on", this.#body)).sent_id;
    return "";
  }
}
