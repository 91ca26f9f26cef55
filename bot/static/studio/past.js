// Who published what and when; what differs, and an earlier version taken up again in a draft.

import { confirmed } from "/static/desk/dialog.js";
import { h } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";
import { dateTime } from "/static/desk/format.js";
import { t } from "/static/desk/i18n.js";
import { nameOf } from "./articles/draft.js";

/**
 * The base of a history: `draft`, `studio`, `editor` are set before it is connected. It has `base`, the address of what the history is
 * of, `words`, the keys `{none, sure}`, and `compared(place)`, which resolves to `{title, told, parts}`: `told` for who cannot see the parts.
 */
export class PastVersions extends DeskElement {
  #asked = 0;
  #isToTell = false;

  render() {
    this.list = h("ol", { class: "history-list" });
    this.told = h("p", { class: "visually-hidden", role: "status" });
    this.shown = h("div", { class: "history-shown" });
    this.append(h("p", { class: "page-note", role: "status" }, t("page.loading")));
    this.#load();
  }

  async #load() {
    try {
      const { history } = await this.studio.api.get(`${this.base}/history`);
      if (!history.length) return this.#say(t(this.words.none));
      this.history = history;
      this.list.replaceChildren(...history.map((one, place) => this.#row(one, place)));
      this.replaceChildren(this.list, ...[this.tools()].filter(Boolean), this.told, this.shown);
      await this.show(0);
    } catch (error) {
      this.#say(error.status === 404 ? t(this.words.none) : error.message);
    }
  }

  /** What stands between the versions and what is shown of one. */
  tools() {
    return null;
  }

  #say(words) {
    this.replaceChildren(h("p", { class: "page-note", role: "status" }, words));
  }

  #row({ at, author, message, action }, place) {
    return h("li", {}, h("button", { class: "history-row", type: "button", on: { click: () => this.show(place) } },
      h("span", { class: "history-who" }, nameOf(author) || "Relais"), h("time", { class: "history-when", datetime: at }, dateTime(at)),
      h("span", { class: "history-what" }, action ? t(`articles.did.${action}`) : message)));
  }

  /** `isByItself`: nobody chose it; what is shown follows what is being written. */
  async show(place, { isByItself = false } = {}) {
    this.place = place;
    this.#isToTell ||= !isByItself;
    const mine = ++this.#asked;
    [...this.list.children].forEach((row, each) => row.firstChild.setAttribute("aria-pressed", String(each === place)));
    const { title, told, parts, isLost = false } = await this.compared(place).catch(lost);
    // Another one is wanted by now.
    if (mine !== this.#asked || !this.isConnected) return;
    const { at, commit, action } = this.history[place];
    const when = dateTime(at);
    if (this.#isToTell) this.told.textContent = [when, title, told].filter(Boolean).join(". ");
    this.#isToTell = false;
    // What is published as it stands needs no taking up again.
    const stands = place === 0 && !this.draft.draft && action !== "archived";
    const restore = !stands && !isLost && h("button", { class: "button button--small", type: "button", on: { click: () => this.#restore(commit, when) } }, t("articles.history.restore"));
    const hadFocus = this.shown.contains(document.activeElement);
    this.shown.replaceChildren(h("div", { class: "history-head" }, h("h2", {}, title || when), restore), ...parts);
    if (hadFocus) (restore || this.list.children[place].firstChild).focus();
  }

  async #restore(commit, when) {
    const { draft, editor } = this;
    if (draft.draft && !(await confirmed(t("articles.history.restore"), t(this.words.sure), t("articles.history.restore")))) return;
    await editor.act(() => this.studio.api.post(`${this.base}/restore`, { commit, revision: draft.revision }), "articles.restored", { when });
    // The button that was pressed was drawn anew.
    if (document.activeElement === document.body) editor.panel.focus();
  }
}

/** What cannot be told: why. A version that cannot be read any more cannot be taken up either. */
const lost = (error) => ({ title: "", told: error.message, parts: [h("p", { class: "page-note" }, error.message)], isLost: error.code === "version_unreadable" });
