// The ⋯ menu of a conversation: what parts of the desk let one do with it.

import { h, icon } from "./dom.js";
import { extensions } from "./extensions.js";
import { t } from "./i18n.js";
import { MenuButton } from "./menu-button.js";

class DeskMenu extends MenuButton {
  render() {
    const actions = extensions("actions").filter((action) => action.when(this.store, this.item, this.mode));
    this.hidden = !actions.length;
    const button = h("button", { class: "icon-button", type: "button", "aria-label": t("head.more"), title: t("head.more"), "aria-haspopup": "menu", "aria-expanded": "false" }, icon("dots"));
    const menu = h("ul", { class: "menu", role: "menu", "aria-label": t("head.more"), hidden: true }, actions.map((action) => this.#entry(action)));
    this.assemble(button, menu);
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
}

customElements.define("desk-menu", DeskMenu);
