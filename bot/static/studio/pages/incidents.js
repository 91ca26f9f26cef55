// Incidents: what is in front now, what is prepared, and topics that rise; one of them to be written at /studio/incidents/<id>.

import { h, reconcile } from "/static/desk/dom.js";
import { t } from "/static/desk/i18n.js";
import { editor, saving } from "../incidents/form.js";
import { blocksOf } from "../incidents/list.js";
import { Switch } from "../incidents/switch.js";
import { StudioPage } from "../page.js";

const LOOK_EVERY_MS = 4000;

class StudioIncidents extends StudioPage {
  #box = null;
  #asked = 0;

  render() {
    if (this.studio.rest.length) return this.#edit();
    this.#box = h("div", { class: "incidents" }, h("p", { class: "page-note" }, t("incidents.loading")));
    this.switch = new Switch(this, () => this.load());
    const make = h("a", { class: "button button--primary", href: "/studio/incidents/new" }, t("incidents.prepare"));
    this.frame({ title: t("studio.page.incidents"), lead: t(this.studio.may("publish") ? "incidents.lead" : "incidents.lead_writer"), tools: [make] }, this.#box);
    this.every(LOOK_EVERY_MS, () => document.hidden || this.load());
    this.load();
  }

  /** Read again, and draw what changed. */
  async load() {
    const mine = ++this.#asked;
    try {
      const data = await this.api.get("/incidents");
      if (mine !== this.#asked) return;
      this.#show(blocksOf(this, data));
    } catch (error) {
      if (mine === this.#asked) this.#show([{ key: "error", signature: error.message, make: () => h("p", { class: "page-error", role: "alert" }, error.message) }]);
    }
  }

  #show(blocks) {
    this.#box.querySelector(".page-note")?.remove();
    reconcile(this.#box, blocks);
  }

  async #edit() {
    await saving;
    const [id] = this.studio.rest;
    const found = id === "new" ? {} : await this.run(() => this.api.get(`/incidents/${encodeURIComponent(id)}`));
    if (!this.isConnected) return;
    if (!found) return this.frame({ title: t("studio.page.incidents") }, h("p", {}, h("a", { href: "/studio/incidents" }, t("incidents.back"))));
    editor(this, found.incident ?? null);
  }
}

customElements.define("studio-incidents", StudioIncidents);
export default StudioIncidents;
