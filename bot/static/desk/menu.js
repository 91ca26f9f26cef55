// The ⋯ menu of a conversation: what parts of the desk let one do with it.

import { h, icon } from "./dom.js";
import { DeskElement } from "./element.js";
import { extensions } from "./extensions.js";
import { t } from "./i18n.js";

class DeskMenu extends DeskElement {
  render() {
    const actions = extensions("actions").filter((action) => action.when(this.store, this.item, this.mode));
    this.hidden = !actions.length;
    this.button = h("button", { class: "icon-button", type: "button", "aria-label": t("head.more"), title: t("head.more"), "aria-haspopup": "menu", "aria-expanded": "false", on: { click: () => this.toggle() } }, icon("dots"));
    this.menu = h("ul", { class: "menu", role: "menu", "aria-label": t("head.more"), hidden: true }, actions.map((action) => this.#entry(action)));
    this.replaceChildren(this.button, this.menu);
    this.listen(this, "keydown", (event) => this.#onKey(event));
    this.listen(document, "pointerdown", (event) => this.contains(event.target) || this.toggle(false));
    this.listen(this, "focusout", (event) => event.relatedTarget && !this.contains(event.relatedTarget) && this.toggle(false));
  }

  toggle(open = this.menu.hidden) {
    if (open === !this.menu.hidden) return;
    this.menu.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.menu.querySelector("button")?.focus();
  }

  #entry(action) {
    const run = () => {
      this.toggle(false);
      this.button.focus();
      action.run(this.store, this.item, this);
    };
    return h("li", { role: "none" },
      h("button", { class: "menu-item menu-item--row", type: "button", role: "menuitem", tabindex: "-1", data: { action: action.name }, on: { click: run } },
        icon(action.icon), h("span", { class: "menu-title" }, action.label(this.item)), action.key && h("kbd", { "aria-hidden": "true" }, action.key.toUpperCase())));
  }

  #onKey(event) {
    if (this.menu.hidden) return;
    const items = [...this.menu.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape") {
      this.toggle(false);
      this.button.focus();
    } else if (next !== undefined) items[next].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("desk-menu", DeskMenu);
