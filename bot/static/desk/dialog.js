// One dialog for every question the desk asks: native, modal, closed by Escape, the focus given back by the browser.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

let count = 0;

/**
 * Ask something. `title`: may be the words of a menu, whose “…” it loses; `body`: nodes; `submit`: the button's words; `danger`: it cannot be undone; `check(form)`: may return a
 * sentence to show instead of closing, or a promise of one (the button waits); `wide`. Resolves to the form's `FormData`,
 * or null when it was closed.
 */
export function openDialog({ title, body = [], submit, danger = false, wide = false, check = null }) {
  const id = `dialog-${++count}`;
  const error = h("p", { class: "dialog-error", role: "alert" });
  const send = submit && h("button", { class: `button ${danger ? "button--danger" : "button--primary"}`, type: "submit" }, submit);
  const dialog = h("dialog", { class: `dialog${wide ? " dialog--wide" : ""}`, "aria-labelledby": id });
  const close = () => dialog.close();
  const form = h("form", { class: "dialog-inside", novalidate: true },
    h("div", { class: "dialog-head" }, h("h2", { id }, title.replace(/\s*…$/u, "")), h("button", { class: "icon-button", type: "button", "aria-label": t("dialog.close"), on: { click: close } }, icon("close"))),
    h("div", { class: "dialog-body" }, body), error,
    h("div", { class: "dialog-foot" }, h("button", { class: "button", type: "button", on: { click: close } }, t(submit ? "dialog.cancel" : "dialog.close")), send));
  dialog.append(form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let answer = null;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      error.textContent = "";
      send.disabled = true;
      const wrong = check ? await Promise.resolve(check(form)).catch((failure) => failure.message || t("error.network")) : "";
      send.disabled = false;
      if (wrong) {
        error.textContent = wrong;
        return;
      }
      answer = new FormData(form);
      dialog.close();
    });
    dialog.addEventListener("click", (event) => event.target === dialog && close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    dialog.showModal();
    (firstControl(form) ?? (submit && (danger ? send.previousElementSibling : send)))?.focus();
  });
}

/** Where one begins to fill in: not the cross that closes. */
function firstControl(form) {
  const first = form.querySelector(".dialog-body :is(input, select, textarea):not(:disabled, [type=hidden])");
  return first?.type === "radio" ? (form.querySelector(`.dialog-body input[name="${CSS.escape(first.name)}"]:checked`) ?? first) : first;
}

/** A yes or no before something that cannot be undone. */
export async function confirmed(title, text, submit, danger = true) {
  return (await openDialog({ title, body: [h("p", {}, text)], submit, danger })) !== null;
}

/** A labelled field for a dialog or a page. `control` gets an id when it has none. */
export function field(label, control, hint = "") {
  control.id ||= `field-${++count}`;
  const note = hint && h("p", { class: "field-hint", id: `${control.id}-hint` }, hint);
  if (note) control.setAttribute("aria-describedby", note.id);
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control, note);
}
