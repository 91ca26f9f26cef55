// Giving a conversation back: a small menu of outcomes.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { MenuButton } from "./menu-button.js";
import { releaseWithMore } from "./parts/closing.js";

const OUTCOMES = ["resolved", "unresolved", "callback", "spam"];

class DeskRelease extends MenuButton {
  render() {
    const button = h("button", { class: "button", type: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": "release-menu" }, t("release.button"), icon("down"));
    const menu = h("ul", { class: "menu", id: "release-menu", role: "menu", "aria-label": t("release.label"), hidden: true }, OUTCOMES.map((outcome) => this.#entry(outcome)), this.#more());
    this.assemble(button, menu);
  }

  #entry(outcome) {
    const choose = () => {
      this.toggle(false);
      this.button.disabled = true;
      this.store.release(this.item, outcome).finally(() => (this.button.disabled = false));
    };
    return h("li", { role: "none" },
      h("button", { class: "menu-item", type: "button", role: "menuitem", tabindex: "-1", data: { outcome }, on: { click: choose } },
        h("span", { class: "menu-title" }, t(`outcome.${outcome}`)), h("span", { class: "menu-hint" }, t(`outcome.${outcome}.hint`))));
  }

  /** The same with tags and a note for colleagues. */
  #more() {
    const open = () => {
      this.toggle(false);
      this.button.focus();
      releaseWithMore(this.store, this.item);
    };
    return h("li", { role: "none" },
      h("button", { class: "menu-item", type: "button", role: "menuitem", tabindex: "-1", data: { outcome: "more" }, on: { click: open } },
        h("span", { class: "menu-title" }, t("closing.more")), h("span", { class: "menu-hint" }, t("closing.more.hint"))));
  }
}

customElements.define("desk-release", DeskRelease);
