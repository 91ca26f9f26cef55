// The article as its readers will see it: the chat's own card, by the chat's own code, and the help centre's own page.

import { h } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";
import { t } from "/static/desk/i18n.js";
import { Texts } from "/widget/i18n.js";
import { paint, sheetOf } from "/widget/look.js";
import { entry } from "/widget/messages.js";

const SOON_MS = 350;
const looks = new Map();

/** Everything the chat is drawn with in one language, fetched once. */
function lookOf(locale) {
  if (!looks.has(locale)) {
    const shown = fetch(`/api/v1/widget?locale=${locale}`).then((response) => response.json()).catch(() => ({}));
    looks.set(locale, Promise.all([sheetOf("relais.css"), sheetOf("panel.css"), Texts.load(locale), shown]));
  }
  return looks.get(locale);
}

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

/** `draft`, `studio`: set before it is connected. */
export class ArticlePreview extends DeskElement {
  #timer = 0;
  #asked = 0;
  #theme = new MutationObserver(() => this.#draw());

  disconnectedCallback() {
    this.#theme.disconnect();
    clearTimeout(this.#timer);
    super.disconnectedCallback();
  }

  render() {
    this.wanted ??= "chat";
    const press = (name) => h("button", { class: "button button--small tab", type: "button", "aria-pressed": String(name === this.wanted), on: { click: () => this.#show(name) } }, t(`editor.preview.${name}`));
    this.tabs = h("div", { class: "tabs preview-tabs", role: "group", "aria-label": t("editor.preview") }, ["chat", "page"].map(press));
    this.chat = h("div", { class: "preview-chat" });
    this.chat.attachShadow({ mode: "open" });
    this.frame = h("iframe", { class: "preview-page", title: t("editor.preview.page"), sandbox: "allow-popups" });
    this.note = h("p", { class: "page-note", role: "status" });
    this.replaceChildren(this.tabs, this.note, this.chat, this.frame);
    this.listen(this.draft, "form", () => this.#soon());
    // The theme may change under it.
    this.#theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.#draw();
    this.#soon(0);
  }

  #show(name) {
    this.wanted = name;
    for (const [place, tab] of [...this.tabs.children].entries()) tab.setAttribute("aria-pressed", String(["chat", "page"][place] === name));
    this.#draw();
  }

  #soon(ms = SOON_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), ms);
  }

  async #ask() {
    const mine = ++this.#asked;
    try {
      const found = await this.studio.api.post("/preview", { form: this.draft.form });
      if (mine !== this.#asked || !this.isConnected) return;
      this.found = found;
      this.note.textContent = "";
    } catch (error) {
      if (mine === this.#asked) this.note.textContent = error.message;
    }
    this.#draw();
  }

  async #draw() {
    const isChat = this.wanted === "chat";
    const has = Boolean(this.found?.answer.title || this.found?.answer.answer);
    this.chat.hidden = !isChat || !has;
    this.frame.hidden = isChat || !has;
    if (this.found && !has) this.note.textContent = t("editor.preview.empty");
    if (!has) return;
    if (isChat) await this.#drawChat();
    else this.#drawPage();
  }

  #drawPage() {
    const html = this.found.page.replace("<html ", `<html data-theme="${isDark() ? "dark" : "light"}" `);
    if (html === this.shownPage) return;
    this.shownPage = html;
    this.frame.srcdoc = html;
  }

  async #drawChat() {
    const { answer } = this.found;
    const [colours, sheet, texts, look] = await lookOf(answer.locale);
    const asked = this.draft.form.questions?.[0] || answer.title;
    const view = viewOf(texts);
    const log = h("div", { class: "log", lang: answer.locale },
      entry({ author: "customer", kind: "text", text: asked, seq: 1, id: "q" }, view),
      entry({ author: "bot", author_name: look.assistant, kind: "answer", text: answer.answer, answer: { ...answer, article_id: answer.article_id }, seq: 2, id: "a" }, view));
    this.chat.dataset.theme = isDark() ? "dark" : "light";
    this.chat.shadowRoot.adoptedStyleSheets = [paint(look), colours, sheet];
    this.chat.shadowRoot.replaceChildren(log);
  }
}

/** What a message of the chat asks of the chat around it; nothing is sent from here. */
function viewOf(texts) {
  return {
    base: location.href,
    say: (key, values) => texts.say(key, values),
    time: (moment) => texts.time(moment),
    conversation: { answered: () => undefined, feedback: async () => {} },
    attempt: (work) => work(),
    later: () => {},
  };
}

customElements.define("article-preview", ArticlePreview);
