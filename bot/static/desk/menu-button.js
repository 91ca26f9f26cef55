// A button with a menu beneath it, by pointer and by keyboard. What the menu holds is its heir's.

import { DeskElement } from "./element.js";

export class MenuButton extends DeskElement {
  /** Draw `button` and its `menu` (a hidden list), and open and close it as people expect. */
  assemble(button, menu) {
    Object.assign(this, { button, menu });
    button.addEventListener("click", () => this.toggle());
    this.replaceChildren(button, menu);
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
