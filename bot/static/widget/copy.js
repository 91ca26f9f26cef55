// A copy of the conversation by e-mail. Loaded when it is asked for.
import { h } from "./dom.js";

/** Opens the form above where one writes, or closes it. */
export function toggleCopy(view) {
  const open = view.node.querySelector(".copy");
  if (open) {
    open.remove();
    view.input.focus();
    return;
  }
  const field = h("input", { type: "email", maxLength: 254, autocomplete: "email", placeholder: view.conversation.isKnown() ? view.say("copy_known") : "" });
  const form = h("form", { class: "copy banner", noValidate: true }, h("label", {}, view.say("copy_email"), field), h("button", { type: "submit", class: "solid" }, view.say("copy_send")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    view.attempt(async () => {
      const email = field.value.trim();
      const { sent_to } = await view.conversation.ask("POST", "/transcript", email ? { email } : {});
      form.replaceChildren(h("span", { role: "status", tabIndex: -1 }, view.say("copy_sent", { address: sent_to })));
      form.firstChild.focus();
    }, form);
  });
  view.human.before(form);
  field.focus();
}
