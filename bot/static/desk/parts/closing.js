// Ending a conversation with its tags and a closing note, and mending a wrong click.

import { field, openDialog } from "../dialog.js";
import { h } from "../dom.js";
import { extend } from "../extensions.js";
import { t } from "../i18n.js";
import { TagField } from "./tags.js";

const OUTCOMES = ["resolved", "unresolved", "callback", "spam"];
// The server undoes a release for a minute; the press needs a moment to get there.
const UNDO_MS = 57_000;
const started = new WeakSet();

/** Asks for the outcome, tags and a note for colleagues, then gives the conversation back. */
export async function releaseWithMore(store, item) {
  const outcomes = OUTCOMES.map((name, index) => h("label", { class: "choice-row" },
    h("input", { type: "radio", name: "outcome", value: name, checked: index === 0 }),
    h("span", {}, h("span", { class: "menu-title" }, t(`outcome.${name}`)), " ", h("span", { class: "menu-hint" }, t(`outcome.${name}.hint`)))));
  const tags = new TagField(store, item.tags ?? []);
  const note = h("textarea", { class: "input", name: "note", rows: "3", maxlength: "2000" });
  const body = [h("fieldset", { class: "choice-rows" }, h("legend", {}, t("closing.outcome")), outcomes), tags.node, field(t("closing.note"), note, t("closing.note.hint"))];
  const answer = await openDialog({ title: t("closing.title"), body, submit: t("release.button") });
  if (answer) await store.release(item, answer.get("outcome"), { tags: tags.value, note: answer.get("note").trim() });
}

function offerUndo(store, item) {
  const undo = async () => {
    const done = await store.act(() => store.api.post(`/handoffs/${encodeURIComponent(item.handoff_id)}/reopen`));
    if (!done) return;
    location.hash = `#/handoffs/${encodeURIComponent(item.handoff_id)}`;
    await store.threads.load(item.conversation_id).catch(() => {});
  };
  store.emit("toast", { key: "closing.done", action: { label: t("closing.undo"), run: undo }, stays: UNDO_MS });
}

extend("frames", {
  type: "ready",
  hear: (_, store) => {
    if (started.has(store)) return;
    started.add(store);
    store.addEventListener("released", ({ detail }) => offerUndo(store, detail));
  },
});
