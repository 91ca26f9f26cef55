// The tree as an outline in walking order. Drawn anew when its shape changes; while one types only the words around it change.

import { h, icon } from "/static/desk/dom.js";
import { DeskElement } from "/static/desk/element.js";
import { label, t } from "/static/desk/i18n.js";
import { added, emptyChoice, numbersOf, outlineOf, titleOf, turned } from "./form.js";
import { bothOf, nodeCard, nodeLink, problemsAt, wayTo, wordsOf } from "./node.js";

const CHECK_MS = 450;

/** `draft`, `studio`: set before it is connected. */
export class TreeOutline extends DeskElement {
  #timer = 0;
  #asked = 0;
  #tried = "";
  // The names of what was removed: it may be brought back.
  #gone = new Set();

  render() {
    this.top = h("section", { class: "tree-top" });
    this.list = h("ol", { class: "tree-list", "aria-label": t("trees.outline") });
    this.replaceChildren(this.top, h("h2", {}, t("trees.outline")), this.list);
    this.listen(this.draft, "form", ({ detail }) => (detail.by === "typing" ? this.#names() : this.draw()));
    this.listen(this.draft, "form", () => this.#soon());
    this.listen(this.draft, "problems", () => this.#mark());
    this.draw();
    this.#soon(0);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    super.disconnectedCallback();
  }

  draw() {
    const kept = document.activeElement;
    const key = this.contains(kept) && (kept.dataset.key || kept.dataset.field);
    const { form } = this.draft;
    this.rows = outlineOf(form, t("trees.way.otherwise"));
    this.numbers = numbersOf(this.rows);
    this.top.replaceChildren(h("div", {}, bothOf(this, "title", { words: (code) => t(`trees.title.${code}`), value: (code) => form.title[code], write: (changed, code, typed) => (changed.title[code] = typed), most: 200 }), problemsAt("title")),
      h("div", {}, wordsOf(this, "words", { words: (code) => t(`trees.named.${code}`), value: form.words, write: (changed) => changed.words }), h("p", { class: "field-hint" }, t("trees.named.hint")), problemsAt("words")), problemsAt(""));
    this.list.replaceChildren(...this.rows.map((row) => (row.link ? nodeLink(this, row) : nodeCard(this, row))));
    this.#mark();
    this.tried(this.#tried);
    if (key) [...this.querySelectorAll("[data-key], [data-field]")].find(({ dataset }) => [dataset.key, dataset.field].includes(key))?.focus({ preventScroll: true });
  }

  /** `3. Which bulb is it?` */
  titleOf(name) {
    return titleOf(this.draft.form.nodes[name], this.numbers.get(name));
  }

  /** What is typed stands also where it is led to; the rows stay the same ones. */
  #names() {
    this.rows = outlineOf(this.draft.form, t("trees.way.otherwise"));
    for (const [place, row] of this.rows.entries()) {
      const shown = this.list.children[place].querySelector(".tree-way");
      if (shown.textContent !== row.way && row.depth !== null) shown.replaceChildren(...wayTo(row));
    }
    for (const shown of this.querySelectorAll("[data-names]")) if (shown.dataset.names in this.draft.form.nodes) shown.textContent = this.titleOf(shown.dataset.names);
  }

  card(name) {
    return [...this.list.children].find(({ dataset }) => dataset.node === name);
  }

  goTo(name) {
    const card = this.card(name);
    card?.scrollIntoView({ block: "center" });
    card?.querySelector("textarea")?.focus({ preventScroll: true });
  }

  /** The node that is being tried. */
  tried(name) {
    this.#tried = name;
    for (const card of this.list.children) {
      const isHere = Boolean(name) && card.dataset.node === name;
      card.classList.toggle("tree-node--tried", isHere);
      if (isHere) card.setAttribute("aria-current", "step");
      else card.removeAttribute("aria-current");
    }
  }

  turn(name, kind) {
    this.draft.edit((form) => (form.nodes[name] = turned(form.nodes[name], kind)));
  }

  remove(name) {
    const number = this.numbers.get(name);
    const gone = structuredClone(this.draft.form.nodes[name]);
    const back = () => this.draft.edit(({ nodes }) => (nodes[name] ??= gone));
    this.#gone.add(name);
    this.draft.edit((form) => delete form.nodes[name]);
    this.list.querySelector("textarea")?.focus({ preventScroll: true });
    this.studio.say("trees.removed", { number }, { action: { label: t("studio.undo"), run: back }, stays: 20_000 });
  }

  addChoice(name) {
    this.draft.edit((form) => form.nodes[name].choices.push(emptyChoice()));
    this.#focus(`nodes.${name}.choices.${this.draft.form.nodes[name].choices.length - 1}.label.fr`);
  }

  removeChoice(name, place) {
    this.draft.edit((form) => form.nodes[name].choices.splice(place, 1));
    this.#focus(`${name}.add`);
  }

  moveChoice(name, place, by) {
    this.draft.edit(({ nodes: { [name]: { choices } } }) => choices.splice(place + by, 0, ...choices.splice(place, 1)));
    const moved = `nodes.${name}.choices.${place + by}`;
    if (!this.#focus(`${moved}.${by < 0 ? "up" : "down"}`)) this.#focus(`${moved}.label.fr`);
  }

  /** Lead to a node, made first when it is a new one. */
  lead(write, value) {
    const kind = value.startsWith("new:") ? value.slice(4) : "";
    let target = value;
    this.draft.edit((form) => {
      if (kind) target = added(form, kind, this.#gone);
      write(form, target);
    });
    if (kind) this.goTo(target);
  }

  #focus(key) {
    const found = [...this.querySelectorAll("[data-key], [data-field]")].find(({ dataset }) => [dataset.key, dataset.field].includes(key));
    found?.focus();
    return Boolean(found) && document.activeElement === found;
  }

  #soon(ms = CHECK_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), ms);
  }

  async #check() {
    const mine = ++this.#asked;
    try {
      const { problems, second = null } = await this.studio.api.post("/trees/check", { form: this.draft.form });
      if (mine !== this.#asked || !this.isConnected) return;
      Object.assign(this.draft, { problems, second });
      this.draft.dispatchEvent(new Event("problems"));
    } catch {
      // Saying what is wrong can wait: saving says it again, and publishing asks anew.
    }
  }

  /** Each problem at the nearest place that there is. */
  #mark() {
    const places = new Map([...this.querySelectorAll("[data-place]")].map((node) => [node.dataset.place, []]));
    const invalid = new Set();
    for (const problem of this.draft.isFresh ? [] : (this.draft.problems ?? [])) {
      let place = problem.field;
      while (place && !places.has(place)) place = place.split(".").slice(0, -1).join(".");
      places.get(place)?.push(problem);
      if (problem.severity !== "warning") invalid.add(problem.field);
    }
    for (const box of this.querySelectorAll("[data-place]")) {
      const words = places.get(box.dataset.place).map((problem) => [this.#sentence(problem), problem.severity]);
      const signature = JSON.stringify(words);
      if (box.dataset.shown === signature) continue;
      box.dataset.shown = signature;
      box.replaceChildren(...words.map(([said, severity]) => h("p", { class: severity === "warning" ? "form-problem form-problem--warning" : "form-problem" }, icon("alert"), said)));
    }
    for (const control of this.querySelectorAll("[data-field]")) {
      if (invalid.has(control.dataset.field)) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }

  #sentence({ code, params }) {
    const key = `trees.problem.${code}`;
    const numbers = (params.nodes ?? []).map((name) => this.numbers.get(name)).filter(Boolean).join(", ");
    const words = t(key, { ...params, numbers, language: params.locale ? label("inlanguage", params.locale) : "" });
    return words === key ? t("problem.other") : words;
  }

  /** Where what is wrong begins. */
  focusFirstProblem() {
    const found = this.querySelector("[aria-invalid=true]") ?? this.querySelector(".form-problem:not(.form-problem--warning)")?.closest(".tree-node");
    found?.scrollIntoView({ block: "center" });
    found?.focus({ preventScroll: true });
    return Boolean(found);
  }
}

customElements.define("tree-outline", TreeOutline);
