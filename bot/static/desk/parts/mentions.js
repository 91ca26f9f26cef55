// Notes that name whoever sits here: a badge in the top bar, a list, and the way into the conversation.

import { h, icon } from "../dom.js";
import { DeskElement } from "../element.js";
import { extend } from "../extensions.js";
import { dateTime } from "../format.js";
import { plural, t } from "../i18n.js";
import { customerName } from "../parts.js";

extend("frames", { type: "mention", hear: (frame, store) => store.emit("mentioned", frame) });

const hashOf = (handoffId) => `#/handoffs/${encodeURIComponent(handoffId)}`;

/** Say something that came for this person, with the way to it. */
export function ringFor(store, text, handoffId) {
  const item = store.handoffs.find((each) => each.handoff_id === handoffId);
  const action = item && { label: t("together.look"), run: () => (location.hash = hashOf(handoffId)) };
  store.emit("toast", { key: "toast.plain", variables: { text }, action });
  store.emit("ring", { title: text, text: "", item });
}

class DeskMentions extends DeskElement {
  #mentions = [];
  #unread = 0;

  render() {
    this.badge = h("span", { class: "topbar-badge", hidden: true });
    this.button = h("button", { class: "icon-button", type: "button", "aria-expanded": "false", "aria-controls": "mentions", on: { click: () => this.toggle() } }, icon("at"), this.badge);
    this.list = h("ul", { class: "menu mentions", id: "mentions", "aria-label": t("mention.title"), hidden: true });
    this.replaceChildren(this.button, this.list);
    this.listen(this.store, "mentioned", ({ detail }) => this.#onMention(detail));
    this.listen(this.store, "selected", () => this.#markRead());
    this.listen(this, "keydown", (event) => event.key === "Escape" && !this.list.hidden && this.#close(event));
    this.listen(document, "pointerdown", (event) => this.contains(event.target) || this.toggle(false));
    this.listen(this, "focusout", (event) => event.relatedTarget && !this.contains(event.relatedTarget) && this.toggle(false));
    this.#show();
    this.refresh();
  }

  toggle(open = this.list.hidden) {
    this.list.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
  }

  async refresh() {
    try {
      const { mentions, unread } = await this.store.api.get("/mentions");
      this.#mentions = mentions;
      this.#unread = unread;
    } catch {
      return; // what is shown stays; the next mention brings it level
    }
    this.#show();
  }

  #close(event) {
    this.toggle(false);
    this.button.focus();
    event.stopPropagation();
  }

  async #onMention({ by, handoff_id }) {
    await this.refresh();
    if (!by) return;
    await this.store.refresh().catch(() => {});
    ringFor(this.store, t("mention.by", { name: by }), handoff_id);
    await this.#markRead();
  }

  /** What one has before one's eyes is read. */
  async #markRead() {
    const id = this.store.selected?.conversation_id;
    if (document.hidden || !this.#mentions.some((each) => each.conversation_id === id && !each.read_at)) return;
    await this.store.api.post("/mentions/read", { conversation_id: id }).catch(() => {});
    await this.refresh();
  }

  #show() {
    const name = this.#unread ? plural("mention.unread", this.#unread) : t("mention.title");
    this.button.setAttribute("aria-label", name);
    this.button.title = name;
    this.badge.hidden = !this.#unread;
    this.badge.textContent = this.#unread > 99 ? "99+" : String(this.#unread);
    const rows = this.#mentions.map((each) => this.#row(each));
    this.list.replaceChildren(...(rows.length ? rows : [h("li", { class: "mentions-none" }, t("mention.none"))]));
  }

  #row(each) {
    const open = this.store.handoffs.some((item) => item.handoff_id === each.handoff_id);
    const inside = [
      h("span", { class: "mentions-head" }, !each.read_at && h("span", { class: "dot" }, h("span", { class: "visually-hidden" }, t("queue.unread"))),
        h("strong", {}, each.by.name ?? t("author.advisor")), h("span", {}, customerName(each)), h("time", { datetime: each.created_at }, dateTime(each.created_at))),
      h("span", { class: "mentions-text" }, each.text),
      !open && h("span", { class: "mentions-head" }, t("mention.over")),
    ];
    if (!open) return h("li", { class: "mentions-row" }, inside);
    return h("li", {}, h("a", { class: "mentions-row", href: hashOf(each.handoff_id), on: { click: () => this.toggle(false) } }, inside));
  }
}

customElements.define("desk-mentions", DeskMentions);
