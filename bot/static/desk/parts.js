// Parts that several columns draw alike: badges, waiting time, channel, the names of people.

import { h, icon } from "./dom.js";
import { duration, isoDuration } from "./format.js";
import { label, t } from "./i18n.js";

const ASSURANCE = {
  verified: { icon: "shield", tone: "good" },
  claimed: { icon: "user", tone: "warn" },
  channel: { icon: "plane", tone: "info" },
  anonymous: { icon: "question", tone: "plain" },
};
const CHANNEL_ICON = { web: "chat", telegram: "plane", phone: "phone" };
const LONG_WAIT_S = 5 * 60;
const VERY_LONG_WAIT_S = 15 * 60;

/** The name to show for a customer; a nameless one is a visitor. */
export const customerName = (item) => item?.customer_name || t("customer.visitor");

export function assuranceBadge(assurance) {
  const look = ASSURANCE[assurance] ?? ASSURANCE.anonymous;
  return h("span", { class: `badge badge--${look.tone}`, title: t(`assurance.${assurance}.hint`) }, icon(look.icon), label("assurance", assurance));
}

export function channelMark(channel) {
  return h("span", { class: "mark" }, icon(CHANNEL_ICON[channel] ?? "chat"), label("channel", channel));
}

/** The customer's language, by its code to the eye and by its name to a screen reader. */
export function languageMark(language) {
  if (!language) return null;
  const code = language.slice(0, 2).toUpperCase();
  return h("span", { class: "mark mark--language" }, h("span", { "aria-hidden": "true" }, code), h("span", { class: "visually-hidden" }, label("language", language)));
}

/** A ticking waiting time; `startTicking` keeps it right. `since` in ms. */
export function waitingTime(since) {
  const node = h("time", { class: "waiting", data: { since: String(since) } });
  tick(node);
  return node;
}

/** The seconds left until a moment (ms), kept right by `startTicking` too. */
export function countdown(until) {
  const node = h("time", { class: "countdown", data: { until: String(until) } });
  count(node);
  return node;
}

function count(node) {
  const seconds = Math.max(0, Math.floor((Number(node.dataset.until) - Date.now()) / 1000));
  const text = duration(seconds);
  if (node.textContent !== text) node.textContent = text;
  node.dateTime = isoDuration(seconds);
}

function tick(node) {
  const seconds = (Date.now() - Number(node.dataset.since)) / 1000;
  const text = duration(seconds);
  if (node.textContent !== text) node.textContent = text;
  node.dateTime = isoDuration(seconds);
  node.dataset.level = seconds >= VERY_LONG_WAIT_S ? "late" : seconds >= LONG_WAIT_S ? "long" : "fine";
}

/** Keep every waiting time and countdown of the page current. */
export function startTicking() {
  setInterval(() => {
    document.querySelectorAll("time[data-since]").forEach(tick);
    document.querySelectorAll("time[data-until]").forEach(count);
  }, 1000);
}

/** Two letters to know a person by. */
export function initials(name) {
  const words = name.split(/[\s-]+/).filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}
