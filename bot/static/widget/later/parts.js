// What the parts that are loaded later have in common: their words, their sheet, and a page laid over the messages.
import { h, icon } from "../dom.js";
import { fetchFile, Texts } from "../i18n.js";
import { sheetOf } from "../look.js";

const words = new Map();
let sheet = null;

/** Their texts in the chat's language, and their looks put on; once for each. */
export async function prepare(view) {
  const { locale } = view.texts;
  if (!words.has(locale)) words.set(locale, fetchFile(`later/${locale}.json`).then(async (file) => new Texts(locale, await file.json())));
  sheet ??= sheetOf("later/later.css");
  const root = view.node.getRootNode();
  try {
    const [texts, dress] = await Promise.all([words.get(locale), sheet]);
    if (!root.adoptedStyleSheets.includes(dress)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, dress];
    return (key, values) => texts.say(key, values);
  } catch (error) {
    words.delete(locale);
    sheet = null;
    throw error;
  }
}

/** Whether there is a conversation, once it is known: what is kept of one may still be on its way. */
export async function isKept({ conversation, store }) {
  while (conversation.arriving) await new Promise((resolve) => conversation.addEventListener("change", resolve, { once: true }));
  return conversation.begun || Boolean(store.read("conversation"));
}

/** A page over the messages, beneath the chat's heading; `back` is where the focus returns to. One at a time. */
export class Sheet {
  constructor(view, say, title, back = view.menu) {
    view.sheet?.close(false);
    view.sheet = this;
    this.view = view;
    this.back = back;
    this.heading = h("h3", { id: "relais-sheet", tabIndex: -1 }, title);
    const close = h("button", { type: "button", class: "round", title: say("back"), aria: { label: say("back") }, on: { click: () => this.close() } }, icon("back"));
    this.body = h("div", { class: "sheet-body" });
    this.news = h("p", { class: "sheet-news", role: "status" });
    const keydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    };
    this.node = h("section", { class: "sheet", role: "region", aria: { labelledby: "relais-sheet" }, on: { keydown } }, h("div", { class: "sheet-head" }, close, this.heading), this.body, this.news);
    // The bar with name and close button stays above it; the rest of the chat rests beneath.
    this.covered = [...view.node.children].slice(1);
    for (const part of this.covered) part.inert = true;
    view.node.append(this.node);
    this.node.style.top = `${view.node.firstElementChild.offsetHeight}px`;
    this.heading.focus();
  }

  /** What it shows, from its top on. */
  show(...nodes) {
    this.body.replaceChildren(...nodes);
    this.body.scrollTop = 0;
  }

  retitle(title) {
    this.heading.textContent = title;
    this.heading.focus();
  }

  tell(text, bad = false) {
    this.news.setAttribute("role", bad ? "alert" : "status");
    this.news.textContent = text;
    this.news.classList.toggle("bad", bad);
  }

  close(isLast = true) {
    if (!this.node.isConnected) return;
    for (const part of this.covered) part.inert = false;
    this.node.remove();
    this.view.sheet = null;
    if (isLast) (this.back?.isConnected ? this.back : this.view.input).focus();
  }
}
