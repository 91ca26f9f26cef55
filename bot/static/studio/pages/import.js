// Import and export: a file is chosen, tried, read through row by row, and lands when somebody says so.

import { h, icon } from "/static/desk/dom.js";
import { label, plural, t } from "/static/desk/i18n.js";
import { columnsOf } from "../import/columns.js";
import { rowsOf, twinOf } from "../import/rows.js";
import { ended } from "../jobs.js";
import { StudioPage } from "../page.js";

const KINDS = ".csv,.jsonl,.ndjson,.md,.html,.htm,.zip";
const LARGEST = 20; // MB
const LARGEST_PACKED = 100; // with its pictures

class StudioImport extends StudioPage {
  #job = 0;
  #open = { language: "", topic: "" };

  render() {
    this.box = h("div", { class: "import" });
    const out = h("a", { class: "button", href: "/api/v1/studio/export", download: true }, icon("out"), t("import.export"));
    this.frame({ title: t("studio.page.import"), lead: t("import.lead"), tools: [out] }, this.box);
    this.#choose();
  }

  disconnectedCallback() {
    this.#job += 1;
    super.disconnectedCallback();
  }

  /** The first step: a file, and what its rows leave open. `wrong`: why the last one could not be read. */
  #choose(wrong = "") {
    const options = (codes, group) => codes.map((code) => h("option", { value: code }, label(group, code)));
    const input = h("input", { class: "import-input", id: "import-file", type: "file", accept: KINDS, "aria-describedby": "import-kinds", on: { change: () => input.files[0] && this.#try(input.files[0]) } });
    this.language = h("select", { class: "input", id: "import-language" }, options(this.studio.languages, "language"));
    this.topic = h("select", { class: "input", id: "import-topic" }, h("option", { value: "" }, t("import.topic.none")), options(this.studio.topics, "topic"));
    if (this.#open.language) Object.assign(this.language, { value: this.#open.language });
    this.topic.value = this.#open.topic;
    const drop = h("label", { class: "import-drop", for: "import-file" }, input, icon("book"), h("span", { class: "import-drop-title" }, t("import.choose")), h("span", { class: "import-small", id: "import-kinds" }, t("import.kinds")));
    const over = (is) => (event) => {
      event.preventDefault();
      drop.classList.toggle("import-drop--over", is);
    };
    this.listen(drop, "dragenter dragover", over(true));
    this.listen(drop, "dragleave", over(false));
    this.listen(drop, "drop", (event) => {
      over(false)(event);
      const [file] = event.dataTransfer.files;
      if (file) this.#try(file);
    });
    this.box.replaceChildren(
      ...(wrong ? [h("p", { class: "page-error", role: "alert" }, wrong)] : []),
      h("div", { class: "form-row import-open" },
        h("div", { class: "field" }, h("label", { for: "import-language" }, t("import.language")), this.language),
        h("div", { class: "field" }, h("label", { for: "import-topic" }, t("import.topic")), this.topic)),
      drop,
      h("p", { class: "import-small" }, t(this.studio.may("publish") ? "import.nothing" : "import.publisher")),
      columnsOf(this.studio.topics));
    return input;
  }

  async #try(file) {
    this.#open = { language: this.language.value, topic: this.topic.value };
    const limit = file.name.toLowerCase().endsWith(".zip") ? LARGEST_PACKED : LARGEST;
    if (file.size > limit * 1_000_000) return this.#choose(t("import.large", { limit })).focus();
    const form = new FormData();
    form.append("locale", this.language.value);
    form.append("topic", this.topic.value);
    form.append("file", file, file.name);
    return this.#watch(t("import.reading", { name: file.name }), () => this.api.post("/imports", form), (dry) => this.#read(dry));
  }

  /** Begin a job, show how far it is, and go on with what it found. */
  async #watch(words, begin, then) {
    const mine = ++this.#job;
    const bar = h("progress", { class: "import-bar", "aria-label": words });
    const stop = h("button", { class: "button", type: "button", disabled: true }, t("import.stop"));
    this.box.replaceChildren(h("div", { class: "panel import-running" }, h("p", { role: "status" }, words), bar, stop));
    try {
      const { job } = await begin();
      stop.disabled = false;
      stop.addEventListener("click", () => this.run(() => this.api.delete(`/imports/jobs/${job}`)));
      const told = await ended(this.api, `/imports/jobs/${job}`, () => mine === this.#job, ({ done, total }) => total && Object.assign(bar, { max: total, value: done }));
      if (!told) return;
      if (told.state === "done") then(told.result);
      else this.#choose(told.state === "cancelled" ? t("import.stopped") : told.error.message).focus();
    } catch (error) {
      if (mine === this.#job) this.#choose(error.message).focus();
    }
  }

  /** The dry run: its rows, and what is to become of them. */
  #read(dry) {
    const { counts, name } = dry;
    const heading = h("h2", { tabindex: "-1" }, t("import.found", { name }));
    const again = h("button", { class: "button", type: "button", on: { click: () => this.#choose().focus() } }, t("import.another"));
    this.box.replaceChildren(h("div", { class: "import-head" }, heading, again), ...this.#choices(dry, counts), rowsOf(dry.rows, counts));
    heading.focus();
  }

  #choices(dry, counts) {
    const check = (id, words, count) => count > 0 && h("label", { class: "import-check" }, h("input", { type: "checkbox", id }), h("span", {}, words));
    const replace = check("import-replace", plural("import.replace", counts.changed), counts.changed);
    const without = check("import-without", plural("import.without", counts.refused), counts.refused);
    const press = h("button", { class: "button button--primary", type: "button" });
    const is = (choice) => Boolean(choice && choice.firstChild.checked);
    const draw = () => {
      const landing = counts.new + (is(replace) ? counts.changed : 0);
      press.textContent = plural("import.apply", landing);
      press.disabled = !landing || (counts.refused > 0 && !is(without));
    };
    const wish = () => ({ with_refused: is(without), replace: is(replace) });
    press.addEventListener("click", () => this.#watch(t("import.landing"), () => this.api.post(`/imports/${dry.import}/apply`, wish()), (done) => this.#done(done)));
    draw();
    const second = dry.rows.filter((row) => row.second).length;
    const note = second > 0 && h("p", { class: "import-note" }, icon("people"), plural("import.second", second));
    const notes = ["twin", "alike"].flatMap((kind) => {
      const twins = dry.rows.filter((row) => twinOf(row, kind)).length;
      return twins ? [h("p", { class: "import-note" }, icon("alert"), plural(`import.${kind}s`, twins))] : [];
    });
    if (dry.uncompared) notes.push(h("p", { class: "import-small" }, plural("import.uncompared", dry.uncompared)));
    if (!counts.new && !counts.changed) return counts.refused ? [h("p", { class: "import-note", role: "alert" }, icon("alert"), plural("import.all_refused", counts.refused))] : [h("p", { class: "import-note" }, t("import.nothing_new"))];
    if (!this.studio.may("publish")) return [h("p", { class: "import-note" }, icon("lock"), t("import.publisher")), ...notes];
    const panel = h("div", { class: "panel import-choices" }, replace, without, notes, note, h("p", {}, t("import.at_once")), h("div", {}, press));
    panel.addEventListener("change", draw);
    return [panel];
  }

  #done(done) {
    const said = ["new", "changed", "review", "left", "refused"].filter((name) => done[name]).map((name) => h("li", {}, plural(`import.done.${name}`, done[name])));
    const heading = h("h2", { tabindex: "-1" }, icon("check"), t("import.done"));
    const again = h("button", { class: "button", type: "button", on: { click: () => this.#choose().focus() } }, t("import.another"));
    this.box.replaceChildren(h("div", { class: "panel import-done" }, heading, h("ul", {}, said),
      h("p", { class: "import-small" }, t(done.searchable ? "import.searchable" : "import.soon")),
      h("div", { class: "page-tools" }, h("a", { class: "button button--primary", href: "/studio/articles" }, t("import.see")), again)));
    heading.focus();
  }
}

customElements.define("studio-import", StudioImport);
export default StudioImport;
