// What is kept of one, and what one agrees to: changed at any time, taken along, erased.
import { h, icon, link, safeUrl } from "../dom.js";
import { keep } from "./files.js";
import { isKept, prepare, Sheet } from "./parts.js";

/** Opens it over the messages; nothing is kept of somebody who has not written. */
export async function showData(view) {
  const say = await prepare(view);
  const sheet = new Sheet(view, say, say("data"));
  sheet.show(h("p", { class: "sheet-lead", role: "status" }, say("loading")));
  if (!(await isKept(view))) return sheet.show(h("p", { class: "sheet-lead" }, say("data_none")));
  try {
    const { ask } = view.conversation;
    const [{ consents }, links] = await Promise.all([ask("GET", "/consents"), ask("GET", "/links")]);
    const joined = h("div", {});
    drawLinks(view, say, sheet, joined, links);
    sheet.show(h("p", { class: "sheet-lead" }, say("data_lead")), ...consents.map((one) => consent(view, say, sheet, one)), joined, ...own(view, say, sheet));
  } catch (error) {
    sheet.show(h("p", { role: "alert" }, error.message || view.say("trouble")));
  }
}

function consent(view, say, sheet, { purpose, title, text, granted }) {
  const explained = h("p", { class: "sheet-lead", id: `relais-${purpose}` }, text);
  const box = h("input", { type: "checkbox", role: "switch", checked: granted, aria: { describedby: explained.id } });
  box.addEventListener("change", async () => {
    sheet.tell("");
    try {
      await view.conversation.ask("PUT", "/consents", { [purpose]: box.checked });
      sheet.tell(say(box.checked ? "data_granted" : "data_withdrawn", { title }));
    } catch (error) {
      box.checked = !box.checked;
      sheet.tell(error.message || view.say("trouble"), true);
    }
  });
  return h("div", { class: "consent" }, h("label", {}, h("span", {}, title), box), explained);
}

function drawLinks(view, say, sheet, place, { links, offered }) {
  const again = async () => drawLinks(view, say, sheet, place, await view.conversation.ask("GET", "/links"));
  const shown = links.map((one) => row(say("data_linked", { name: one.name }), button(view, sheet, say("data_unlink", { name: one.name }), async () => {
    await view.conversation.ask("DELETE", `/links/${one.link_id}`);
    await again();
    sheet.heading.focus();
  })));
  const more = offered.map((one) => row(say("data_link_what", { name: one.name }), button(view, sheet, say("data_link", { name: one.name }), async (pressed) => {
    const { url } = await view.conversation.ask("POST", "/links", { channel: one.channel, agreed: true });
    const href = safeUrl(url);
    if (!href) throw new Error(say("data_link_away"));
    const go = link(href, say("data_link_open", { name: one.name }), icon("out", 14));
    pressed.replaceWith(go);
    go.focus();
  })));
  place.replaceChildren(...shown, ...more);
}

function row(text, action) {
  return h("div", { class: "consent" }, h("p", { class: "sheet-lead" }, text), action);
}

function button(view, sheet, text, action) {
  const run = async () => {
    sheet.tell("");
    pressed.disabled = true;
    try {
      await action(pressed);
    } catch (error) {
      sheet.tell(error.message || view.say("trouble"), true);
    }
    pressed.disabled = false;
  };
  const pressed = h("button", { type: "button", class: "text-button", on: { click: run } }, text);
  return pressed;
}

function own(view, say, sheet) {
  const take = async () => keep(() => view.conversation.ask("GET", "/export", undefined, "blob"), "relais.json");
  const erase = () => {
    // Neither an advisor nor the queue erases anything: what is asked now would only be read.
    if (view.conversation.state.owner !== "bot") {
      sheet.tell(say("data_erase_later"), true);
      return;
    }
    sheet.close();
    // Asked in words, as anybody may: the assistant proves who it is, and asks once more.
    view.conversation.say(say("data_erase_text"));
    view.toEnd();
  };
  return [row(say("data_take_what"), button(view, sheet, say("data_take"), take)), row(say("data_erase_what"), button(view, sheet, say("data_erase"), erase))];
}
