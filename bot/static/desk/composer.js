// The reply box: Enter sends, Shift+Enter breaks the line, the draft stays with its conversation.

import { h, icon } from "./dom.js";
import { DeskElement } from "./element.js";
import { extensions } from "./extensions.js";
import { label, locale, t } from "./i18n.js";

const TYPING_EVERY_MS = 3_000;
const TYPING_ENDS_MS = 5_000;
const LONGEST_REPLY = 4_000;

class DeskComposer extends DeskElement {
  #typingSince = 0;
  #typingEnd = 0;

  render() {
    const id = this.item.conversation_id;
    this.input = h("textarea", { class: "composer-input", id: "reply", rows: "1", maxlength: String(LONGEST_REPLY), "aria-label": t("composer.label"), "aria-describedby": "reply-hint", placeholder: this.#placeholder(), lang: this.item.locale });
    this.input.value = this.store.outbox.draft(id);
    this.button = h("button", { class: "composer-send", type: "submit", "aria-label": t("composer.send") }, icon("send"));
    const tools = extensions("composer").map((tool) => tool.make(this.store, this.item, this));
    const bar = tools.length > 0 && h("div", { class: "composer-tools", role: "group", "aria-label": t("composer.tools") }, tools);
    const form = h("form", { class: "composer" }, bar, h("div", { class: "composer-box" }, this.input, this.button), h("p", { class: "composer-hint", id: "reply-hint" }, t("composer.hint")));
    this.replaceChildren(form);
    this.listen(form, "submit", (event) => this.#submit(event));
    this.listen(this.input, "input", () => this.#changed(true));
    this.listen(this.input, "keydown", (event) => this.#onKey(event));
    this.listen(this.store, "outbox", ({ detail }) => detail === id && this.#withdrawn());
    this.#fit();
  }

  disconnectedCallback() {
    this.#typing(false);
    super.disconnectedCallback();
  }

  focusInput() {
    this.input.focus();
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
    if (!text || extensions("guards").some((guard) => guard.holds(this.store, this.item, text, this))) return;
    this.input.value = "";
    this.#changed(false);
    this.store.outbox.add(this.item.conversation_id, text);
    this.store.emit("written", this.item.conversation_id);
    this.input.focus();
  }

  #changed(byTyping) {
    this.store.outbox.keepDraft(this.item.conversation_id, this.input.value);
    this.#fit();
    // However it changed: typed, inserted, sent.
    this.input.dispatchEvent(new Event("draft"));
    this.#typing(byTyping && this.input.value.trim() !== "");
  }

  /** A refused reply may come back to the draft while the box is open. */
  #withdrawn() {
    const draft = this.store.outbox.draft(this.item.conversation_id);
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
    // A lost "is typing" harms nobody; it is not worth a retry.
    this.store.api.post(`/conversations/${encodeURIComponent(this.item.conversation_id)}/typing`, { on }).catch(() => {});
  }
}

customElements.define("desk-composer", DeskComposer);
