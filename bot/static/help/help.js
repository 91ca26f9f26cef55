// The help centre with a script: what is found shows as one types, an opinion is given in place, the chat opens from the page.
// Without it the same forms lead to pages.
import { searchAsOneTypes } from "./search.js";

for (const form of document.querySelectorAll("form[data-search]")) searchAsOneTypes(form);

// What the server answers to an opinion is a page; its part takes the form's place.
async function give(event) {
  const form = event.target.closest("form[data-opinion]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const body = new URLSearchParams(new FormData(form, event.submitter));
  try {
    const response = await fetch(form.action, { method: "POST", body });
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const answer = page.querySelector("[data-opinion-answer]");
    const heading = answer.querySelector("h1");
    const said = document.createElement("h2");
    said.className = heading.className;
    said.tabIndex = -1;
    said.textContent = heading.textContent;
    heading.replaceWith(said);
    (form.closest("[data-opinion-answer]") ?? form).replaceWith(document.adoptNode(answer));
    said.focus();
  } catch {
    // The browser sends it again by itself, and shows what is wrong.
    const chosen = Object.assign(document.createElement("input"), { type: "hidden", name: event.submitter?.name ?? "", value: event.submitter?.value ?? "" });
    if (chosen.name) form.append(chosen);
    form.submit();
  }
}

document.addEventListener("submit", give);

async function offerChat() {
  const buttons = document.querySelectorAll("[data-open-chat]");
  await customElements.whenDefined("relais-chat");
  const chat = document.querySelector("relais-chat");
  for (const button of buttons) {
    button.addEventListener("click", () => chat?.open());
    button.hidden = !chat;
  }
}

// The widget puts its element in place right after it is defined.
offerChat().catch(() => {});
