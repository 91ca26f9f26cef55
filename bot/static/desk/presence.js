// Whether new requests are offered to this advisor: chosen in the top bar.

import { h } from "./dom.js";
import { DeskElement } from "./element.js";
import { t } from "./i18n.js";

const STATUSES = ["available", "busy", "away"];

class DeskPresence extends DeskElement {
  render() {
    const options = STATUSES.map((status) => h("option", { value: status }, t(`presence.${status}`)));
    this.select = h("select", { class: "presence-select", "aria-label": t("presence.label"), title: t("presence.label"), on: { change: () => this.store.choosePresence(this.select.value) } }, options);
    this.replaceChildren(h("span", { class: "presence-dot", "aria-hidden": "true" }), this.select);
    this.listen(this.store, "presence", () => this.#update());
    this.listen(this.store.live, "status", () => this.#update());
    this.#update();
  }

  #update() {
    this.select.value = this.store.me.presence;
    this.dataset.status = this.store.live.online ? this.store.me.presence : "offline";
  }
}

customElements.define("desk-presence", DeskPresence);
