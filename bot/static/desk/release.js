// Giving a conversation back: a small menu of outcomes.

import { h, icon } from "./dom.js";
import { DeskElement } from "./element.js";
import { t } from "./i18n.js";
import { releaseWithMore } from "./parts/closing.js";

const OUTCOMES = ["resolved", "unresolved", "callback", "spam"];

class DeskRelease extends DeskElement {
  render() {
    this.button = h("button", { class: "button", type: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": "release-menu", on: { click: () => this.toggle() } }, t("release.button"), icon("down"));
    this.menu = h("ul", { class: "menu", id: "release-menu", role: "menu", "aria-label": t("release.label"), hidden: true }, OUTCOMES.map((outcome) => this.#entry(outcome)), this.#more());
    this.replaceChildren(this.button, this.menu);
    this.listen(this, "keydown", (event) => this.#onKey(event));
    this.listen(document, "pointerdown", (event) => this.contains(event.target) || this.toggle(false));
    this.listen(this, "focusout", (event) => event.relatedTarget && !this.contains(event.relatedTarget) && this.toggle(false));
  }

  toggle(open = this.menu.hidden) {
    if (open === !this.menu.hidden) return;
    this.menu.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.menu.querySelector("button").focus();
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

customElements.define("desk-release", DeskRelease);
