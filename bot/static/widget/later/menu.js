// What one needs now and then: another conversation, an earlier one, a copy.
import { h } from "../dom.js";
import { prepare } from "./parts.js";

/** Opens the list beneath its button, or closes it. */
export async function toggleMenu(view) {
  const open = view.node.querySelector(".menu");
  if (open) return open.shut();
  const say = await prepare(view);
  const close = () => {
    list.remove();
    view.menu.setAttribute("aria-expanded", "false");
    away.abort();
  };
  const away = new AbortController();
  const item = (key, action) => h("li", {}, h("button", { type: "button", on: { click: () => (close(), action()) } }, say(key)));
  const list = h("ul", { class: "menu", aria: { label: view.say("menu") } }, ...entries(view).map(([key, action]) => item(key, action)));
  list.shut = close;
  const keydown = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    view.menu.focus();
  };
  list.addEventListener("keydown", keydown);
  list.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !list.contains(relatedTarget) && relatedTarget !== view.menu && close());
  const outside = (event) => !event.composedPath().some((node) => node === list || node === view.menu) && close();
  view.node.ownerDocument.addEventListener("pointerdown", outside, { signal: away.signal });
  view.menu.setAttribute("aria-expanded", "true");
  view.menu.after(list);
  list.querySelector("button").focus();
}

function entries(view) {
  const { conversation } = view;
  const restart = () =>
    view.attempt(async () => {
      await conversation.restart();
      view.input.focus();
    }, view.node);
  return [
    // Somebody who waits for a person, or speaks with one, would leave them.
    conversation.state.owner === "bot" && !conversation.isFresh && ["restart", restart],
    ["past", () => view.later("past", "showPast")],
    ["data", () => view.later("data", "showData")],
    conversation.begun && ["copy", () => view.later("copy", "showCopy")],
  ].filter(Boolean);
}
