// Tags: a field with what others used, on the card and when a conversation ends.

import { section } from "../card-parts.js";
import { openDialog } from "../dialog.js";
import { h, icon } from "../dom.js";
import { extend } from "../extensions.js";
import { t } from "../i18n.js";

const MOST = 10;
const LONGEST = 40;
const SUGGEST_AFTER_MS = 150;
let count = 0;

const spelt = (text) => text.replace(/#/g, " ").trim().replace(/\s+/g, " ").toLocaleLowerCase().slice(0, LONGEST);

/** `{node, value}`: chips, and an input whose suggestions come from the tags in use. Enter or a comma adds one. */
export class TagField {
  #tags;
  #timer = 0;

  constructor(store, tags) {
    this.#tags = [...tags];
    const id = `tags-${++count}`;
    this.options = h("datalist", { id: `${id}-used` });
    this.input = h("input", { class: "input", id, type: "text", list: `${id}-used`, maxlength: String(LONGEST), autocomplete: "off", "aria-describedby": `${id}-hint` });
    this.chips = h("ul", { class: "tags" });
    this.node = h("div", { class: "field" }, h("label", { for: id }, t("tags.label")), this.chips, this.input, this.options, h("p", { class: "field-hint", id: `${id}-hint` }, t("tags.hint", { most: MOST })));
    this.input.addEventListener("keydown", (event) => this.#onKey(event));
    this.input.addEventListener("input", () => {
      if (this.input.value.includes(",")) this.#add();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#suggest(store), SUGGEST_AFTER_MS);
    });
    this.#suggest(store);
    this.#draw();
  }

  /** The tags, with what still stands in the input. */
  get value() {
    this.#add();
    return this.#tags;
  }

  #onKey(event) {
    if (event.key === "Enter" && this.input.value.trim()) {
      event.preventDefault();
      this.#add();
    } else if (event.key === "Backspace" && !this.input.value && this.#tags.length) {
      this.#tags.pop();
      this.#draw();
    }
  }

  #add() {
    const words = this.input.value.split(",").map(spelt).filter(Boolean);
    this.#tags = [...new Set([...this.#tags, ...words])].slice(0, MOST);
    this.input.value = "";
    this.#draw();
  }

  async #suggest(store) {
    const { tags } = await store.api.get(`/tags?q=${encodeURIComponent(spelt(this.input.value))}`).catch(() => ({ tags: [] }));
    this.options.replaceChildren(...tags.map((each) => h("option", { value: each.tag })));
  }

  #draw() {
    const remove = (tag) => {
      this.#tags = this.#tags.filter((each) => each !== tag);
      this.#draw();
      this.input.focus();
    };
    this.chips.hidden = !this.#tags.length;
    this.chips.replaceChildren(...this.#tags.map((tag) => h("li", { class: "tag" }, tag, h("button", { class: "tag-remove", type: "button", "aria-label": t("tags.remove", { tag }), on: { click: () => remove(tag) } }, icon("close")))));
  }
}

export async function editTags(store, item) {
  const field = new TagField(store, item.tags ?? []);
  const check = async () => {
    await store.api.put(`/handoffs/${encodeURIComponent(item.handoff_id)}/tags`, { tags: field.value });
    await store.refresh().catch(() => {});
    return "";
  };
  await openDialog({ title: t("tags.label"), body: [field.node], submit: t("tags.keep"), check });
}

const mayTag = (store, item, mode) => mode === "mine" || Boolean(store.partIn(item)) || (mode === "other" && store.maySupervise);

extend("actions", { name: "tags", order: 60, icon: "tag", label: () => t("tags.edit"), when: mayTag, run: editTags });

extend("card", {
  name: "tags",
  order: 12,
  signature: (store, item) => JSON.stringify(item?.tags ?? []),
  make: (context, store, mine, item) => item.tags?.length > 0 && section("tags", h("ul", { class: "tags" }, item.tags.map((tag) => h("li", { class: "tag" }, tag)))),
});
