// How long something has left, or how late it is: in words that are kept right, with a colour beside them.

import { h, icon } from "../dom.js";
import { duration } from "../format.js";
import { t } from "../i18n.js";

const WORDS = { response: "due.response", resolution: "due.resolution", promise: "due.promise", call: "due.call" };
let ticking = 0;

/**
 * “Réponse attendue dans 4 min”, “En retard de 12 min”. `what`: response, resolution, promise or call; `due_at` and
 * `warn_at` by the server's clock, `skew` ms behind ours.
 */
export function dueMark({ what, due_at, warn_at, skew = 0, late = false }) {
  const text = h("span", {});
  const node = h("time", { class: "due", datetime: due_at, data: { what, due: String(Date.parse(due_at) + skew), warn: String(Date.parse(warn_at ?? due_at) + skew), ...(late && { late: "yes" }) } }, icon("clock"), text);
  show(node);
  ticking ||= setInterval(() => document.querySelectorAll("time.due").forEach(show), 1000);
  return node;
}

export function levelOf(dueAt, warnAt, skew = 0) {
  const now = Date.now() - skew;
  if (now >= Date.parse(dueAt)) return "late";
  return warnAt && now >= Date.parse(warnAt) ? "warning" : "fine";
}

function show(node) {
  const { what, due, warn, late } = node.dataset;
  const left = (Number(due) - Date.now()) / 1000;
  const level = left <= 0 || late ? "late" : Date.now() >= Number(warn) ? "warning" : "fine";
  const words = left <= 0 ? t("due.late", { time: spoken(-left) }) : t(WORDS[what], { time: spoken(left) });
  if (node.lastChild.textContent !== words) node.lastChild.textContent = words;
  if (node.dataset.level !== level) node.dataset.level = level;
}

/** Seconds are for the last minute only: what changes all the time is not read. */
const spoken = (seconds) => duration(seconds < 60 ? Math.ceil(seconds / 10) * 10 : seconds);
