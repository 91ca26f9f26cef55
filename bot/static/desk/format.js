// Dates, durations and amounts in the user's language, all by Intl.

import { locale, t } from "./i18n.js";
import { wallClock, zone } from "./zone.js";

const cache = new Map();

function formatter(kind, options) {
  const key = `${locale()} ${kind} ${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, new Intl[kind](locale() === "en" ? "en-GB" : "fr-FR", options));
  return cache.get(key);
}

function parsed(iso) {
  const date = new Date(iso);
  return iso && !Number.isNaN(date.getTime()) ? date : null;
}

const DAY_ALONE = /^\d{4}-\d{2}-\d{2}$/u;

/** A day alone is that day everywhere: west of Greenwich its first moment is still the evening before. */
function dated(iso, options) {
  const date = parsed(iso);
  const timeZone = DAY_ALONE.test(iso) ? "UTC" : zone();
  return date ? formatter("DateTimeFormat", { timeZone, ...options }).format(date) : "";
}

export const time = (iso) => dated(iso, { hour: "2-digit", minute: "2-digit" });
export const date = (iso) => dated(iso, { day: "numeric", month: "short", year: "numeric" });
export const monthYear = (iso) => dated(iso, { month: "long", year: "numeric" });
const dayAndTime = (iso) => dated(iso, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
/** In French one says “23 nov. à 14:05”, which browsers know of long months alone. */
export const dateTime = (iso) => (locale() === "fr" ? dayAndTime(iso).replace(", ", " à ") : dayAndTime(iso));
export const money = (euros) => formatter("NumberFormat", { style: "currency", currency: "EUR" }).format(euros);
export const percent = (share) => formatter("NumberFormat", { style: "percent" }).format(share);

/** The calendar day of an instant at the shop's, as a key to compare days with. */
export function dayKey(iso) {
  const when = parsed(iso);
  return when ? wallClock(when).slice(0, 10) : "";
}

/** “Aujourd’hui”, “Hier”, or the day in full. */
export function day(iso) {
  const when = parsed(iso);
  if (!when) return "";
  const today = dayKey(new Date());
  if (dayKey(iso) === today) return t("day.today");
  const yesterday = new Date(Date.parse(`${today}T12:00Z`) - 86_400_000).toISOString().slice(0, 10);
  if (dayKey(iso) === yesterday) return t("day.yesterday");
  const sameYear = dayKey(iso).slice(0, 4) === today.slice(0, 4);
  return dated(iso, { weekday: "long", day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) });
}

/** French abbreviates well when short (“3 min”), English when narrow (“3m”). */
function unit(value, name) {
  return formatter("NumberFormat", { style: "unit", unit: name, unitDisplay: locale() === "en" ? "narrow" : "short" }).format(value);
}

/** A length of time in at most two units: 42 s, 3 min, 1 h 05, 2 j 4 h. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return unit(whole, "second");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return unit(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${unit(hours, "hour")} ${minutes % 60 ? unit(minutes % 60, "minute") : ""}`.trim();
  return `${unit(Math.floor(hours / 24), "day")} ${hours % 24 ? unit(hours % 24, "hour") : ""}`.trim();
}

/** The same length written for `<time datetime>`. */
export const isoDuration = (seconds) => `PT${Math.max(0, Math.floor(seconds))}S`;
