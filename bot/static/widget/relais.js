// Relais, the chat widget. One line in a page is all it takes:
//   <script type="module" src="https://…/widget/relais.js" data-locale="fr" data-identity-url="/identity"></script>
// Attributes: data-locale (fr, en), data-identity-url (same origin, answers {"identity": JWT | null}), data-name (the
// heading), data-theme (light, dark), data-position (left). Colours are CSS custom properties of relais-chat: see relais.css.
import { RelaisChat } from "./element.js";

const ATTRIBUTES = { locale: "locale", identityUrl: "identity-url", name: "name", theme: "data-theme", position: "data-position" };

function embed() {
  if (document.querySelector("relais-chat")) return;
  const script = [...document.scripts].find((candidate) => candidate.src === import.meta.url);
  const element = document.createElement("relais-chat");
  for (const [key, attribute] of Object.entries(ATTRIBUTES)) {
    if (script?.dataset[key]) element.setAttribute(attribute, script.dataset[key]);
  }
  document.body.append(element);
}

if (!customElements.get("relais-chat")) {
  customElements.define("relais-chat", RelaisChat);
  // A module script runs once the page is parsed, so there is a body; the page may also hold the element itself.
  embed();
}
