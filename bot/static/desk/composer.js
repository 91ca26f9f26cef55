// The box for replies and private notes: Enter sends, Shift+Enter breaks the line. Each conversation keeps a draft of either
// kind, so that the words of a note never stand where a reply is written.

import { h, icon } from "./dom.js";
import { DeskElement } from "./element.js";
import { extensions } from "./extensions.js";
import { label, locale, t } from "./i18n.js";
import { MentionList } from "./mention-list.js";
import { draftKey } from "./outbox.js";

const TYPING_EVERY_MS = 3_000;
const TYPING_ENDS_MS = 5_000;
const LONGEST_REPLY = 4_000;

/** `notesOnly`: somebody else answers this customer. */
class DeskComposer extends DeskElement {
  #typingSince = 0;
  #typingEnd = 0;

  render() {
    const id = this.item.conversation_id;
    this.input = h("textarea", { class: "composer-input", id: "reply", rows: "1", maxlength: String(LONGEST_REPLY), "aria-label": t("composer.label"), "aria-describedby": "reply-hint", placeholder: this.#placeholder(), lang: this.item.locale });
    this.button = h("button", { class: "composer-send", type: "submit", "aria-label": t("composer.send") }, icon("send"));
    const tools = extensions("composer").map((tool) => tool.make(this.store, this.item, this));
    const bar = tools.length > 0 && h("div", { class: "composer-tools", role: "group", "aria-label": t("composer.tools") }, tools);
    this.modes = h("div", { class: "composer-modes", role: "group", "aria-label": t("composer.modes") }, this.notesOnly ? null : this.#modeButton("reply"), this.#modeButton("note"));
    this.names = new MentionList(this.store, this.input, () => this.#changed(true));
    this.hint = h("p", { class: "composer-hint", id: "reply-hint" });
    this.form = h("form", { class: "composer" }, h("div", { class: "composer-top" }, this.modes, bar), this.names.node, h("div", { class: "composer-box" }, this.input, this.button), this.hint);
    const { form } = this;
    this.replaceChildren(form);
    this.#dress(this.notesOnly || this.store.outbox.draft(`${id}#mode`) === "note" ? "note" : "reply");
    this.listen(form, "submit", (event) => this.#submit(event));
    this.listen(this.input, "input", () => this.#changed(true));
    this.listen(this.input, "keydown", (event) => this.#onKey(event));
    this.listen(this.store, "outbox", ({ detail }) => detail === id && this.#withdrawn());
    this.listen(this.input, "blur", () => this.names.close());
  }

  disconnectedCallback() {
    this.#typing(false);
    super.disconnectedCallback();
  }

  focusInput() {
    this.input.focus();
  }

  /** To replies or to notes; what was written for the other stays there. */
  setMode(mode) {
    if (this.notesOnly && mode !== "note") return;
    this.#typing(false);
    this.store.outbox.keepDraft(`${this.item.conversation_id}#mode`, mode === "note" ? mode : "");
    this.#dress(mode);
    this.focusInput();
  }

  #modeButton(mode) {
    return h("button", { class: "composer-mode", type: "button", data: { mode }, on: { click: () => this.setMode(mode) } }, mode === "note" && icon("lock"), t(`composer.mode.${mode}`));
  }

  #dress(mode) {
    this.mode = mode;
    const isNote = mode === "note";
    this.form.classList.toggle("composer--note", isNote);
    for (const button of this.modes.children) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    this.input.value = this.store.outbox.draft(this.#draftKey);
    this.input.setAttribute("aria-label", t(isNote ? "composer.label.note" : "composer.label"));
    this.input.placeholder = isNote ? t("composer.placeholder.note") : this.#placeholder();
    this.button.setAttribute("aria-label", t(isNote ? "composer.send.note" : "composer.send"));
    this.hint.textContent = t(isNote ? "composer.hint.note" : "composer.hint");
    this.names.close();
    this.#fit();
  }

  get #draftKey() {
    return draftKey(this.item.conversation_id, this.mode);
  }

  get value() {
    return this.input.value;
  }

  set value(text) {
    this.input.value = text;
    this.#changed(true);
  }

  /** Put text at the caret, on lines of its own when something stands before it. */
  insert(text) {
    const { selectionStart: start, selectionEnd: end, value } = this.input;
    const before = value.slice(0, start);
    const gap = before && !before.endsWith("\n") ? "\n" : "";
    this.input.setRangeText(gap + text, start, end, "end");
    this.input.focus();
    this.#changed(true);
  }

  #placeholder() {
    const language = this.item.locale?.slice(0, 2);
    return language && language !== locale() ? t("composer.placeholder.in", { language: label("inlanguage", language) }) : t("composer.placeholder");
  }

  #onKey(event) {
    if (this.mode === "note" && this.names.onKey(event)) return;
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit(event);
  }

  /** Send what stands in the box, as Enter does. */
  send() {
    this.#submit();
  }

  #submit(event) {
    event?.preventDefault();
    const text = this.input.value.trim();
    if (!text || (this.mode !== "note" && extensions("guards").some((guard) => guard.holds(this.store, this.item, text, this)))) return;
    this.input.value = "";
    this.#changed(false);
    this.store.outbox.add(this.item.conversation_id, text, this.mode === "note" ? { mentions: this.names.idsIn(text) } : null);
    this.store.emit("written", this.item.conversation_id);
    this.input.focus();
  }

  #changed(byTyping) {
    this.store.outbox.keepDraft(this.#draftKey, this.input.value);
    this.#fit();
    if (this.mode === "note" && byTyping) this.names.update();
    // However it changed: typed, inserted, sent.
    this.input.dispatchEvent(new Event("draft"));
    this.#typing(byTyping && this.input.value.trim() !== "");
  }

  /** A refused reply may come back to the draft while the box is open. */
  #withdrawn() {
    const draft = this.store.outbox.draft(this.#draftKey);
    if (draft === this.input.value) return;
    this.input.value = draft;
    this.#fit();
    this.input.dispatchEvent(new Event("draft"));
    this.focusInput();
  }

  #fit() {
    this.button.disabled = !this.input.value.trim();
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }

  #typing(on) {
    clearTimeout(this.#typingEnd);
    if (on) this.#typingEnd = setTimeout(() => this.#typing(false), TYPING_ENDS_MS);
    const now = Date.now();
    if (on ? now - this.#typingSince < TYPING_EVERY_MS : !this.#typingSince) return;
    this.#typingSince = on ? now : 0;
    this.store.emit("writing", { conversation_id: this.item.conversation_id, doing: on ? `writing_${this.mode}` : "looking" });
    // The customer sees that an answer is coming, and nothing of a note.
    if (this.mode === "note") return;
    // A lost "is typing" harms nobody; it is not worth a retry.
    this.store.api.post(`/conversations/${encodeURIComponent(this.item.conversation_id)}/typing`, { on }).catch(() => {});
  }
}

customElements.define("desk-composer", DeskComposer);
