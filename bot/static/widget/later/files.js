// Pictures and documents: looked at before they leave, and shown without an address that a page could open.
import { h, icon } from "../dom.js";
import { prepare } from "./parts.js";
// A file may be chosen while there is no network: what keeps it has to be here by then.
import "./shelf.js";

const MB = 1024 * 1024;
const LARGEST = 8 * MB;
const WIDEST = 480;
const TYPES = { "image/jpeg": [0xff, 0xd8, 0xff], "image/png": [0x89, 0x50, 0x4e, 0x47], "image/webp": [0x52, 0x49, 0x46, 0x46], "application/pdf": [0x25, 0x50, 0x44, 0x46] };

/** Sends what may be sent, and says why the rest may not; the service looks once more. */
export async function sendFiles(view, files) {
  const say = await prepare(view);
  view.alert.hidden = true;
  const limit = view.look.max_file_bytes ?? LARGEST;
  for (const file of files) {
    if (file.size > limit) refuse(view, say("file_too_large", { name: file.name, size: Math.ceil(file.size / MB), limit: Math.floor(limit / MB) }));
    else if (!(await isTaken(file))) refuse(view, say("bad_file", { name: file.name }));
    else view.conversation.sendFile(file);
  }
  view.toEnd();
  view.input.focus();
}

function refuse(view, message) {
  view.trouble({ message, code: "refused" });
}

// By its first bytes, whatever its name says.
async function isTaken(file) {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return Object.values(TYPES).some((sign) => sign.every((byte, index) => start[index] === byte));
}

/** Fills `place` with the file of `message`: a picture is drawn, anything can be saved. */
export async function showFile(view, place, message) {
  const say = await prepare(view);
  const { file } = message;
  const isOwn = file instanceof File;
  const get = async () => (isOwn ? file : view.conversation.ask("GET", `/files/${file.url.split("/").at(-1)}`, undefined, "blob"));
  const name = file.name || message.text;
  let gone = "";
  const keepOrTell = () => keep(get, name).catch((error) => {
    if (error.code !== "file_erased") throw error;
    tell(place.querySelector(".file-row"), error.message);
  });
  if (file.type.startsWith("image/")) {
    const picture = await draw(get, name, view).catch(({ code, message }) => {
      gone = code === "file_erased" ? message : "";
    });
    if (picture) place.replaceChildren(picture);
  }
  const size = file.size >= MB / 10 ? say("megabytes", { size: (file.size / MB).toLocaleString(view.texts.locale, { maximumFractionDigits: 1 }) }) : say("kilobytes", { size: Math.max(1, Math.round(file.size / 1024)) });
  const details = h("span", { class: "file-name" }, name, h("span", { class: "file-size" }, ` ${size}`));
  const save = h("button", { type: "button", class: "round", title: say("save", { name }), aria: { label: say("save", { name }) }, on: { click: () => view.attempt(keepOrTell, place) } }, icon("down", 18));
  if (!place.querySelector("canvas")) place.replaceChildren();
  const row = h("div", { class: "file-row" }, icon("file", 18), details, save);
  place.append(row);
  if (gone) tell(row, gone);
}

/** Nothing can be saved any more: the row says why. */
function tell(row, why) {
  row.querySelector("button").remove();
  row.after(h("p", { class: "file-gone", role: "status" }, why));
}

// On a canvas: a strict page allows no picture from an address of the chat's own making.
async function draw(get, name, view) {
  const bitmap = await createImageBitmap(await get());
  const scale = Math.min(1, WIDEST / bitmap.width, WIDEST / bitmap.height);
  const canvas = h("canvas", { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)), role: "img", aria: { label: name } });
  const near = view.scroller.scrollHeight - view.scroller.scrollTop - view.scroller.clientHeight < 200;
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  if (near) requestAnimationFrame(() => view.toEnd());
  return canvas;
}

/** Saves what `get()` brings under `name`. */
export async function keep(get, name) {
  const address = URL.createObjectURL(await get());
  const anchor = h("a", { href: address, download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
