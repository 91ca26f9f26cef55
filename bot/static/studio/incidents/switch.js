// The switch and what goes with it: each asks first, says how many will be told, and can be taken back for ten seconds.

import { confirmed, field, openDialog } from "/static/desk/dialog.js";
import { h } from "/static/desk/dom.js";
import { label, locale, plural, t } from "/static/desk/i18n.js";
import { instantOf, wallClock } from "/static/desk/zone.js";

// A little less than the server gives (bot/incidents/managing.py).
const UNDO_MS = 9000;

export class Switch {
  #page;
  #reload;

  constructor(page, reload) {
    this.#page = page;
    this.#reload = reload;
  }

  get #api() {
    return this.#page.api;
  }

  #path(one, tail = "") {
    return `/incidents/${encodeURIComponent(one.id)}${tail}`;
  }

  /** Put it in front, after showing what will happen. */
  async on(one) {
    const seen = await this.#page.run(() => this.#api.get(this.#path(one)));
    if (!seen) return;
    const { incident, reach } = seen;
    const topics = incident.form.topics.map((topic) => label("topic", topic)).join(", ");
    const body = [
      h("ul", { class: "incident-happens" },
        topics && h("li", {}, t("incidents.happens_topics", { topics })),
        (incident.form.phrases[locale()] ?? []).length > 0 && h("li", {}, t("incidents.happens_phrases")),
        h("li", {}, reach.waiting ? plural("incidents.happens_waiting", reach.waiting) : t("incidents.happens_nobody")),
        h("li", {}, t("incidents.happens_notice"))),
      h("blockquote", { class: "quote" }, incident.form.answer[locale()]),
      ...ending(null, true),
    ];
    await this.#ask({ title: t("incidents.on_title", { name: incident.form.name }), body, submit: t("incidents.put_in_front") }, "/on", incident, (given) => ({ revision: incident.revision, ...given }), "incidents.is_on");
  }

  /** Another end. */
  async end(one) {
    await this.#ask({ title: t("incidents.change_end"), body: ending(one.run.ends_at, one.run.tell_at_end), submit: t("incidents.save") }, "/end", one, (given) => given, "incidents.saved", false);
  }

  /** End it, with or without a word to those who were told. */
  async off(one) {
    const count = one.run.told.asked + one.run.told.queued;
    const body = [
      h("p", {}, t("incidents.off_how")),
      count > 0 && check("tell", plural("incidents.off_tell", count), true),
      count > 0 && h("blockquote", { class: "quote" }, one.form.over[locale()] || t("incidents.over_default")),
    ].filter(Boolean);
    const asked = await openDialog({ title: t("incidents.off_title", { name: one.form.name }), body, submit: t("incidents.off"), danger: true });
    if (!asked) return;
    if (await this.#page.run(() => this.#api.post(this.#path(one, "/off"), { tell: asked.has("tell") }))) this.#said("incidents.is_off", () => this.#api.post(this.#path(one, "/undo")));
    await this.#reload();
  }

  /** News for those who were told. */
  async news(one) {
    const count = one.run.told.asked + one.run.told.queued;
    const languages = this.#page.studio.languages;
    const text = (language) => field(t(`incidents.in_${language}`), h("textarea", { class: "input", name: language, rows: "3", maxlength: "1200", lang: language, required: true }));
    const asked = await openDialog({
      title: t("incidents.update"),
      body: [h("p", {}, count ? plural("incidents.update_to", count) : t("incidents.update_to_nobody")), ...languages.map(text)],
      submit: t("incidents.send"),
      check: async (form) => {
        const texts = Object.fromEntries(languages.map((language) => [language, new FormData(form).get(language)]));
        const { incident } = await this.#api.post(this.#path(one, "/updates"), { text: texts });
        form.dataset.number = incident.run.updates[0].number;
        this.#said("incidents.news_soon", () => this.#api.delete(this.#path(one, `/updates/${form.dataset.number}`)));
        return "";
      },
    });
    if (asked) await this.#reload();
  }

  /** Take it away; saying so offers to put it back. */
  async remove(one) {
    const gone = await this.#page.run(() => this.#api.delete(this.#path(one)));
    if (gone) this.#said("incidents.removed", () => this.#api.post("/incidents", { form: gone.form }));
    await this.#reload();
  }

  async putAside(alert) {
    if (!(await confirmed(t("incidents.put_aside"), t("incidents.put_aside_how"), t("incidents.put_aside"), false))) return;
    await this.#page.run(() => this.#api.delete(`/incident-alerts/${encodeURIComponent(alert.id)}`));
    await this.#reload();
  }

  async #ask(dialog, tail, one, more, said, mayUndo = true) {
    const check = async (form) => {
      const given = new FormData(form);
      const ends = given.get("ends_at");
      await this.#api.post(this.#path(one, tail), more({ ends_at: ends ? instantOf(ends).toISOString() : null, tell_at_end: given.has("tell_at_end") }));
      return "";
    };
    if (!(await openDialog({ ...dialog, check }))) return;
    this.#said(said, mayUndo ? () => this.#api.post(this.#path(one, "/undo")) : null);
    await this.#reload();
  }

  #said(key, undo) {
    const run = async () => {
      await this.#page.run(undo, "studio.undone");
      await this.#reload();
    };
    this.#page.studio.say(key, {}, undo ? { action: { label: t("studio.undo"), run }, stays: UNDO_MS } : {});
  }
}

const check = (name, words, checked) => h("label", { class: "check" }, h("input", { type: "checkbox", name, checked }), h("span", {}, words));

/** When it ends by itself, by the shops’ clock, and whether those who were told hear of it. */
function ending(ends, tell) {
  const local = ends ? wallClock(new Date(ends)) : "";
  return [
    field(t("incidents.ends_at"), h("input", { class: "input", type: "datetime-local", name: "ends_at", value: local }), t("incidents.ends_at_hint")),
    check("tell_at_end", t("incidents.tell_at_end"), tell),
  ];
}
