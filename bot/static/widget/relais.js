// Relais, the chat widget. One line in a page is all it takes:
//   <script type="module" src="https://…/widget/relais.js" data-locale="fr" data-identity-url="/identity"></script>
// Attributes: data-locale (fr, en), data-identity-url (same origin, answers {"identity": JWT | null}), data-name (the
// heading), data-theme (light, dark), data-position (left, right). service.yml says the same for all pages; colours are
// CSS custom properties of relais-chat too: see relais.css.
// Only the button is loaded with the page, once the page itself is there; the chat comes when it is opened.

const ATTRIBUTES = { locale: "locale", identityUrl: "identity-url", name: "name", theme: "data-theme", position: "position" };

function embed() {
  if (document.querySelector("relais-chat")) return;
  const script = [...document.scripts].find((candidate) => candidate.src === import.meta.url);
  const element = document.createElement("relais-chat");
  for (const [key, attribute] of Object.entries(ATTRIBUTES)) {
    if (script?.dataset[key]) element.setAttribute(attribute, script.dataset[key]);
  }
  document.body.append(element);
}

async function begin() {
  const { RelaisChat } = await import("./element.js");
  if (customElements.get("relais-chat")) return;
  customElements.define("relais-chat", RelaisChat);
  // The page may also hold the element itself.
  embed();
}

if (document.readyState === "complete") begin();
else addEventListener("load", begin, { once: true });
