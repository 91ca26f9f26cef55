// A copy of the conversation by e-mail.
import { h } from "../dom.js";
import { prepare, Sheet } from "./parts.js";

/** Asks for the address, and sends it. */
export async function showCopy(view) {
  const say = await prepare(view);
  const sheet = new Sheet(view, say, say("copy"));
  const field = h("input", { type: "email", maxLength: 254, autocomplete: "email", placeholder: view.conversation.isKnown() ? say("copy_known") : "" });
  const form = h("form", { class: "stack", noValidate: true }, h("label", {}, say("copy_email"), field), h("button", { type: "submit", class: "solid" }, say("copy_send")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const email = field.value.trim();
    sheet.tell("");
    try {
      const { sent_to } = await view.conversation.ask("POST", "/transcript", email ? { email } : {});
      const sent = h("p", { role: "status", tabIndex: -1 }, say("copy_sent", { address: sent_to }));
      form.replaceChildren(sent);
      sent.focus();
    } catch (error) {
      sheet.tell(error.message || view.say("trouble"), true);
      field.focus();
    }
  });
  sheet.show(form);
  field.focus();
}
