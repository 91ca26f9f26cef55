// What is most useful before anything is said: the questions of the page one is on, and one's orders when signed in.
import { pageHere } from "./delivery.js";
import { h, icon } from "./dom.js";

export class Start {
  #view;
  #asked = false;
  #found = null;
  #drawn = null;

  constructor(view) {
    this.#view = view;
    this.node = h("div", { class: "start", role: "group", hidden: true });
  }

  get notices() {
    return this.#found?.notices;
  }

  update() {
    const { conversation } = this.#view;
    const isTime = conversation.isFresh && conversation.arrived && conversation.state.owner === "bot";
    if (isTime && !this.#asked) this.#ask();
    const shown = isTime ? this.#found : null;
    const drawn = shown && `${shown.suggestions.length} ${conversation.isKnown()}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const offers = shown ? this.#offers(shown) : [];
    this.node.hidden = offers.length === 0;
    if (offers.length) this.#draw(offers, shown.article);
  }

  async #ask() {
    this.#asked = true;
    const { api } = this.#view;
    const { url, title } = pageHere();
    const page = new URLSearchParams({ locale: api.locale, url: url.slice(0, 1000), title: title.slice(0, 200) });
    // Without it one asks in one's own words.
    this.#found = await api.call("GET", `widget/start?${page}`).catch(() => null);
    this.#view.update();
  }

  #offers({ suggestions, when_known: own }) {
    const orders = this.#view.conversation.isKnown() ? own.map(({ title, text }) => this.#offer(title, text, "person")) : [];
    return [...orders, ...suggestions.map(({ title }) => this.#offer(title, title, "page"))];
  }

  #offer(title, text, glyph) {
    const ask = () => {
      this.#view.conversation.say(text);
      this.#view.input.focus();
      this.#view.toEnd();
    };
    return h("button", { type: "button", class: "offer", on: { click: ask } }, icon(glyph, 18), h("span", {}, title));
  }

  #draw(offers, article) {
    const lead = article ? this.#view.say("start_article", { title: article.title }) : this.#view.say("start");
    const heading = h("p", { class: "start-lead", id: "relais-start" }, lead);
    this.node.setAttribute("aria-labelledby", heading.id);
    this.node.replaceChildren(heading, ...offers);
  }
}
