// The form of a prepared task: filled in, checked as one goes by the task's own steps, offered to the customer.

import { field as labelled, openDialog } from "../dialog.js";
import { h, icon, reconcile } from "../dom.js";
import { label, locale, t } from "../i18n.js";
import { fieldNode, valueOf } from "./prepared-fields.js";

const of = (item) => `/conversations/${encodeURIComponent(item.conversation_id)}/prepared`;
export const both = (words) => words?.[locale()] ?? words?.fr ?? "";

/** Which of the tasks: a dialog, then its form. */
export async function pick(store, item) {
  try {
    const { tasks } = await store.api.get("/tasks");
    const list = h("select", { class: "input", name: "task" }, [...tasks].sort((one, other) => both(one.label).localeCompare(both(other.label), locale())).map((task) => h("option", { value: task.name }, both(task.label))));
    const chosen = await openDialog({ title: t("prepared.pick"), body: [h("p", {}, t("prepared.pick.lead")), labelled(t("prepared.task"), list)], submit: t("prepared.pick.submit") });
    if (chosen) await begin(store, item, { task: chosen.get("task") });
  } catch (error) {
    failed(store, error);
  }
}

/** A new draft (`{task, from?, again?}`), and its form. */
export async function begin(store, item, start) {
  try {
    await new Form(store, item, await store.api.post(of(item), start)).open();
  } catch (error) {
    failed(store, error);
  }
}

/** The draft again, as it stands. */
export async function resume(store, item, id) {
  try {
    await new Form(store, item, await store.api.get(`${of(item)}/${id}`)).open();
  } catch (error) {
    failed(store, error);
  }
}

/** Something done to one prepared before: `retry`, or DELETE by `withdraw`. */
export async function act(store, item, id, what) {
  try {
    await (what === "withdraw" ? store.api.delete(`${of(item)}/${id}`) : store.api.post(`${of(item)}/${id}/${what}`));
  } catch (error) {
    failed(store, error);
  }
}

const failed = (store, error) => store.emit("toast", { key: "toast.failed", variables: { reason: error.message }, bad: true });

class Form {
  #nodes = new Map();
  #stamps = new Map();
  #saving = Promise.resolve();
  #sent = {};

  constructor(store, item, { prepared, form }) {
    Object.assign(this, { store, item, prepared, form });
    this.path = `${of(item)}/${prepared.id}`;
  }

  open() {
    this.lead = h("div", {});
    this.fields = h("div", { class: "prepared-fields" });
    this.preview = h("div", { "aria-live": "polite" });
    this.fields.addEventListener("change", () => this.#save().catch((error) => failed(this.store, error)));
    this.#draw();
    const done = openDialog({ title: both(this.prepared.label), body: [this.lead, this.fields, this.preview], submit: t("prepared.offer"), wide: true, check: () => this.#offer() });
    this.#focus();
    return done;
  }

  async #offer() {
    await this.#save();
    if (!this.form.complete) {
      this.#focus();
      return t("prepared.incomplete");
    }
    await this.store.api.post(`${this.path}/offer`);
    this.store.emit("written", this.item.conversation_id);
    return "";
  }

  /** One at a time, so that the last answer is about the last values. */
  #save() {
    const work = async () => {
      this.#sent = this.#values();
      ({ prepared: this.prepared, form: this.form } = await this.store.api.put(this.path, { values: this.#sent }));
      this.#draw();
    };
    this.#saving = this.#saving.catch(() => {}).then(work);
    return this.#saving;
  }

  #values() {
    return Object.fromEntries(this.form.fields.filter((field) => this.#nodes.has(field.name)).map((field) => [field.name, valueOf(this.#nodes.get(field.name), field)]));
  }

  #draw() {
    const focused = document.activeElement?.id;
    const blocks = this.form.fields.map((field) => ({
      key: field.name,
      signature: this.#stamp(field),
      make: () => {
        const node = fieldNode(field, field.name === this.prepared.failed_step);
        this.#nodes.set(field.name, node);
        return node;
      },
    }));
    reconcile(this.fields, blocks);
    for (const name of [...this.#nodes.keys()]) if (!this.form.fields.some((field) => field.name === name)) this.#nodes.delete(name);
    if (focused && document.activeElement?.id !== focused) this.fields.querySelector(`#${CSS.escape(focused)}`)?.focus();
    this.lead.replaceChildren(...this.#leading());
    this.preview.replaceChildren(...this.#previewed());
    const wrong = this.form.complete && this.fields.closest("dialog")?.querySelector(".dialog-error");
    if (wrong) wrong.textContent = "";
  }

  /** What was typed while the answer was on its way stays as it is. */
  #stamp(field) {
    const node = this.#nodes.get(field.name);
    const typed = node && field.name in this.#sent && JSON.stringify(valueOf(node, field)) !== JSON.stringify(this.#sent[field.name]);
    const stamp = typed ? this.#stamps.get(field.name) : JSON.stringify([field, locale()]);
    this.#stamps.set(field.name, stamp);
    return stamp;
  }

  #leading() {
    const { failed_step: step, proof } = this.prepared;
    const inForm = this.form.fields.some((field) => field.name === step);
    return [
      step && !inForm && h("p", { class: "prepared-note" }, icon("alert"), t("prepared.failed_at", { step: label("step", step) })),
      !this.form.fields.length && h("p", { class: "field-hint" }, t("prepared.nothing_to_fill")),
      proof !== "verified" && proof !== "none" && this.#proof(proof),
    ].filter(Boolean);
  }

  #proof(proof) {
    const ask = async (event) => {
      event.target.disabled = true;
      try {
        ({ prepared: this.prepared } = await this.store.api.post(`${this.path}/proof`));
      } catch (error) {
        failed(this.store, error);
      }
      this.#draw();
    };
    const text = proof === "asked" ? t("prepared.proof.asked") : t(this.form.needs_proof ? "prepared.proof.needed" : "prepared.proof.later");
    return h("p", { class: "prepared-note" }, icon("shield"), h("span", {}, text), proof === "needed" && h("button", { class: "button button--small", type: "button", on: { click: ask } }, t("prepared.proof.ask")));
  }

  #previewed() {
    if (!this.form.complete) return [];
    const { lines, sentence, changes } = this.form;
    return [h("figure", { class: "prepared-preview" },
      h("figcaption", {}, t("prepared.preview")),
      lines.length ? h("dl", { class: "facts" }, lines.map((line) => [h("dt", {}, line.label), h("dd", {}, line.value)])) : null,
      h("blockquote", { class: "quote", lang: this.item.locale }, sentence),
      h("p", { class: "field-hint" }, t(changes ? "prepared.preview.changes" : "prepared.preview.looks")))];
  }

  /** Where it failed, or the first thing that is missing or wrong. */
  #focus() {
    const fields = this.form.fields;
    const wanted = fields.find((field) => field.error) ?? fields.find((field) => field.name === this.prepared.failed_step) ?? fields.find((field) => field.required && !field.shown);
    const node = wanted && this.#nodes.get(wanted.name);
    (node?.querySelector("input, select, textarea") ?? this.fields.closest("dialog")?.querySelector(".button--primary"))?.focus();
  }
}
