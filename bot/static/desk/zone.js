// The shop's zone: moments are shown, chosen and promised in it, wherever the browser stands.

const cache = new Map();

/** What the server wrote on the page; without it the browser's own. */
export const zone = () => document.documentElement.dataset.zone || undefined;

function formatter() {
  const name = zone();
  const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (!cache.has(name)) cache.set(name, new Intl.DateTimeFormat("en-CA", { ...parts, timeZone: name }));
  return cache.get(name);
}

/** `2026-11-24T19:05`: an instant by the shop's clock, as `<input type=datetime-local>` has it. */
export function wallClock(at) {
  const part = Object.fromEntries(formatter().formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
}

/** The instant at which the shop's clock shows `2026-11-24T19:05`; an invalid date for nonsense. */
export function instantOf(wall) {
  const wanted = Date.parse(`${wall}Z`);
  if (Number.isNaN(wanted)) return new Date(Number.NaN);
  const shift = (at) => Date.parse(`${wallClock(at)}Z`) - Math.floor(at.getTime() / 60_000) * 60_000;
  const guess = new Date(wanted - shift(new Date(wanted)));
  return new Date(wanted - shift(guess));
}

/** So many days after `at`, at this hour of the shop's clock. */
export function dayAt(at, days, hour) {
  const noon = new Date(Date.parse(`${wallClock(at).slice(0, 10)}T12:00Z`) + days * 86_400_000);
  return instantOf(`${noon.toISOString().slice(0, 10)}T${String(hour).padStart(2, "0")}:00`);
}
