// What the advisor will see, over the chat: read, corrected, struck out and put back, each change kept at once.
import { h } from "../dom.js";
import { fetchFile, Texts } from "../i18n.js";

const LONGEST = 1000;
let sheet = null;

/** Opens it over the messages of `panel`; throws an ApiError when there is nothing to show. */
export async function openSlip(panel) {
  const [texts, slip] = await Promise.all([load(panel.texts.locale), panel.conversation.slip(), dress(panel.node.getRootNode())]);
  return new Slip(panel, texts, slip);
}

async function load(locale) {
  return new Texts(locale, await (await fetchFile(`slip/${locale}.json`)).json());
}

async function dress(root) {
  sheet ??= await new CSSStyleSheet().replace(await (await fetchFile("slip/slip.css")).text());
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

class Slip {
  #items = new Map();
  #drawn = new Map();

  constructor(panel, texts, slip) {
    this.panel = panel;
    this.texts = texts;
    this.heading = h("h3", { id: "relais-slip", tabIndex: -1 }, this.say("title"));
    const close = h("button", { type: "button", class: "text-button", on: { click: () => this.close() } }, this.say("close"));
    this.news = h("p", { class: "slip-news", role: "status" });
    this.list = h("ul", { class: "slip-lines" });
    this.always = h("ul", { class: "slip-lines slip-always" });
    const keydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    };
    const body = h("div", { class: "slip-body" }, h("p", { class: "slip-lead" }, this.say("lead")), this.list, h("h4", {}, this.say("always")), h("p", { class: "slip-lead" }, this.say("always_why")), this.always);
    this.node = h("section", { class: "slip", role: "group", aria: { labelledby: "relais-slip" }, on: { keydown } }, h("div", { class: "slip-head" }, this.heading, close), body, this.news);
    this.#draw(slip);
    // The bar with name and close button stays above it; the rest of the chat rests beneath.
    this.covered = [...panel.node.children].slice(1);
    for (const part of this.covered) part.inert = true;
    panel.node.append(this.node);
    this.node.style.top = `${panel.node.firstElementChild.offsetHeight}px`;
    this.heading.focus();
  }

  say(key, values) {
    return this.texts.say(key, values);
  }

  close() {
    if (!this.node.isConnected) return;
    for (const part of this.covered) part.inert = false;
    const inside = this.node.contains(this.node.getRootNode().activeElement);
    this.node.remove();
    if (inside) (this.panel.human.querySelector(".slip-open") ?? this.panel.input).focus();
  }

  #draw({ lines, open }) {
    const kept = new Set(lines.map((line) => line.id));
    for (const [id, node] of this.#items) if (!kept.has(id)) node.remove();
    for (const line of lines) {
      const drawn = JSON.stringify([line, open]);
      if (this.#drawn.get(line.id) === drawn) continue;
      const node = this.#line(line, open);
      if (this.#drawn.has(line.id)) this.#items.get(line.id).replaceWith(node);
      else (line.fixed ? this.always : this.list).append(node);
      this.#items.set(line.id, node);
      this.#drawn.set(line.id, drawn);
    }
  }

  #line(line, open) {
    const text = line.text || this.say("nothing");
    const tools = open ? [this.#tool(line, "correct", line.editable && !line.struck, () => this.#edit(line)), ...this.#undo(line), this.#strike(line)] : [];
    const words = h("p", { class: "slip-text" }, line.struck ? h("s", {}, text) : text);
    const mark = line.struck ? this.say("struck") : line.original === undefined ? null : this.say("corrected");
    return h("li", { class: line.struck ? "slip-line struck" : "slip-line" }, h("div", { class: "slip-words" }, h("p", { class: "slip-label" }, line.label, mark && h("span", { class: "slip-mark" }, mark)), words), h("div", { class: "slip-tools" }, ...tools));
  }

  #undo(line) {
    const back = () => this.#change({ id: line.id, text: line.original }, "restored", "correct");
    return [this.#tool(line, "undo", line.original !== undefined && !line.struck, back)];
  }

  #strike(line) {
    const change = () => this.#change({ id: line.id, struck: !line.struck }, line.struck ? "restored" : "gone", line.struck ? "strike" : "restore");
    return this.#tool(line, line.struck ? "restore" : "strike", !line.fixed, change);
  }

  #tool(line, name, shown, action) {
    if (!shown) return null;
    return h("button", { type: "button", class: "text-button", data: { tool: name }, aria: { label: `${this.say(name)} : ${line.label}` }, on: { click: action } }, this.say(name));
  }

  #edit(line) {
    const field = line.kind === "question" ? h("textarea", { rows: 3 }) : h("input", { type: line.kind === "contact" ? "tel" : "text" });
    Object.assign(field, { value: line.text, maxLength: LONGEST });
    field.setAttribute("aria-label", line.label);
    const node = this.#items.get(line.id);
    const item = h("li", {});
    this.#tell("");
    const back = () => {
      item.replaceWith(node);
      this.#items.set(line.id, node);
      node.querySelector("[data-tool=correct]")?.focus();
    };
    const submit = (event) => {
      event.preventDefault();
      this.#change({ id: line.id, text: field.value.trim() }, "saved", "correct", form, back);
    };
    const keydown = (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        back();
      } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
    };
    const save = h("button", { type: "submit", class: "solid" }, this.say("save"));
    const cancel = h("button", { type: "button", class: "text-button", on: { click: back } }, this.say("cancel"));
    const form = h("form", { class: "slip-line slip-form", on: { submit, keydown } }, h("p", { class: "slip-label" }, line.label), field, h("div", { class: "slip-tools" }, save, cancel));
    item.append(form);
    node.replaceWith(item);
    this.#items.set(line.id, item);
    field.focus();
    field.select();
  }

  /** One change, kept by the service; then the focus stands on `tool` of the same line. */
  async #change(change, said, tool, area = this.#items.get(change.id), back = null) {
    const buttons = [...area.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    try {
      const slip = await this.panel.conversation.slip([change]);
      if (back) back();
      this.#draw(slip);
      this.#tell(this.say(said));
      this.#items.get(change.id)?.querySelector(`[data-tool=${tool}]`)?.focus();
    } catch (error) {
      for (const button of buttons) button.disabled = false;
      this.#tell(error.message || this.panel.say("trouble"), true);
      area.querySelector("textarea, input, button")?.focus();
    }
  }

  #tell(text, bad = false) {
    this.news.textContent = text;
    this.news.classList.toggle("bad", bad);
  }
}
