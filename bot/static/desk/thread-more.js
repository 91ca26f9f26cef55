// What stands in and under a message beside its words: files, names in notes, how far it got.

import { ApiError } from "./api.js";
import { h, icon, linkified } from "./dom.js";
import { time } from "./format.js";
import { locale, t } from "./i18n.js";

const PICTURES = new Set(["image/jpeg", "image/png", "image/webp"]);
// What is not there any more; whatever else fails may go well the next time.
const LOST = ["file_erased", "unknown_file"];
const OWN_FILE = /^\/api\/v1\/conversations\/[\w-]+\/files\/[\w-]+$/;

/**
 * A customer's file: a picture is shown, anything else is a download under its name. The address must be one of ours, and
 * the name is text: nothing in it is read as anything else.
 */
export function fileOf(file) {
  if (!file) return null;
  const name = String(file.name ?? "");
  if (!OWN_FILE.test(file.url)) return h("p", { class: "file" }, icon("link"), name);
  const address = file.url.replace("/api/v1/", "/api/v1/desk/");
  const link = h("a", { class: "file-name", href: address, download: name }, icon("clip"), h("span", {}, name), h("span", { class: "file-size" }, size(file.size)));
  const figure = h(PICTURES.has(file.type) ? "figure" : "p", { class: "file" }, link);
  const failed = ({ code, message }) => (LOST.includes(code) ? gone(figure, name, message) : tell(link, message));
  link.addEventListener("click", (event) => {
    event.preventDefault();
    saved(address, name).then(() => tell(link), failed);
  });
  if (!PICTURES.has(file.type)) return figure;
  const picture = h("img", { class: "file-picture", src: address, alt: t("file.picture", { name }), loading: "lazy" });
  picture.addEventListener("error", () => {
    picture.remove();
    asked(address).catch(failed);
  });
  figure.replaceChildren(picture, h("figcaption", {}, link));
  return figure;
}

/** Under the link, which stays: why the file could not be had just now; nothing once it was. */
function tell(link, why = "") {
  link.parentNode.querySelector(".file-gone")?.remove();
  if (why) link.after(h("span", { class: "file-gone", role: "status" }, why));
}

/** In the file’s place: its name, and why it cannot be had, in the reader’s language. */
function gone(figure, name, why) {
  figure.replaceChildren(h("span", { class: "file-name" }, icon("clip"), h("span", {}, name)), h("span", { class: "file-gone", role: "status" }, why));
}

async function asked(address) {
  const response = await fetch(address, { headers: { "Accept-Language": locale() } }).catch(() => null);
  const file = response?.ok && (await response.blob().catch(() => null));
  if (file) return file;
  throw new ApiError(response?.status ?? 0, (await response?.json().catch(() => null))?.error);
}

/** Fetched rather than followed: what is no longer there is told here, not by the browser. */
async function saved(address, name) {
  const own = URL.createObjectURL(await asked(address));
  h("a", { href: own, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(own), 10_000);
}

function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  return bytes < 1024 * 1024 ? t("file.kb", { count: Math.max(1, Math.round(bytes / 1024)) }) : t("file.mb", { count: (bytes / 1024 / 1024).toFixed(1) });
}

/** A note's words with the names it rings. */
export function noteText(message, meId) {
  const named = [...(message.mentions ?? [])].sort((one, other) => other.name.length - one.name.length);
  let parts = [message.text ?? ""];
  for (const person of named) {
    const name = `@${person.name}`;
    parts = parts.flatMap((part) => (typeof part === "string" ? between(part, name, () => h("mark", { class: `mention${person.id === meId ? " mention--me" : ""}` }, name)) : [part]));
  }
  return parts.flatMap((part) => (typeof part === "string" ? linkified(part) : [part]));
}

const between = (text, name, mark) => text.split(name).flatMap((part, index) => (index ? [mark(), part] : [part]));

/** The state of each message of ours that has one to show: `{state, at?, cause?}` by id. The last of ours always does. */
export function deliveries(messages, reading) {
  const found = {};
  if (!reading) return found;
  const ours = messages.filter((message) => message.author === "advisor" && !message.internal);
  const last = ours.at(-1);
  const pushed = new Map((reading.deliveries ?? []).map((each) => [each.message_id, each]));
  for (const message of ours) {
    const delivery = pushed.get(message.id);
    if (delivery?.status === "failed") found[message.id] = { state: "undelivered", cause: delivery.cause };
    else if (delivery?.status === "pending" && delivery.cause) found[message.id] = { state: "retrying", cause: delivery.cause };
    else if (message === last) found[message.id] = progress(message, reading, delivery);
  }
  return found;
}

function progress(message, reading, delivery) {
  if (reading.read_seq >= message.seq) return { state: "read", at: reading.read_at };
  const received = delivery ? delivery.status === "delivered" : reading.delivered_seq >= message.seq;
  return { state: received ? "received" : "sent" };
}

/** One line under a message; `again()` tries a delivery at once. */
export function deliveryLine(delivery, again) {
  if (!delivery) return null;
  const { state, at, cause } = delivery;
  const bad = state === "undelivered" || state === "retrying";
  const why = bad && causeOf(cause);
  const words = state === "read" && at ? t("delivered.read", { time: time(at) }) : t(`delivered.${state === "read" ? "read.plain" : state}`, { reason: why });
  return h("p", { class: `delivered${bad ? " delivered--bad" : ""}`, data: { delivery: state } }, icon(bad ? "alert" : "check"), words,
    state === "retrying" && h("button", { class: "button button--small", type: "button", on: { click: again } }, t("delivery.retry")));
}

function causeOf(code) {
  const words = t(`cause.${code}`);
  return words === `cause.${code}` ? t("cause.other") : words;
}
