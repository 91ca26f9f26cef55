// Interface strings: one flat JSON file a language, French first. `t("queue.waiting")`, `t("toast.taken", {name})`.

export const LANGUAGES = ["fr", "en"];

const folders = [new URL("./locales/", import.meta.url)];
let strings = {};
let current = "fr";
let pluralRules = new Intl.PluralRules("fr");

/** Fetch a language's strings and make it the one in use; an unknown language becomes French. */
export async function loadLocale(locale) {
  const wanted = LANGUAGES.includes(locale) ? locale : "fr";
  strings = Object.assign({}, ...(await Promise.all(folders.map((folder) => stringsFrom(folder, wanted)))));
  current = wanted;
  pluralRules = new Intl.PluralRules(wanted);
  document.documentElement.lang = wanted;
}

async function stringsFrom(folder, wanted) {
  const response = await fetch(new URL(`${wanted}.json`, folder));
  if (!response.ok) throw new Error(`strings for ${wanted}: HTTP ${response.status}`);
  return response.json();
}

/** Strings of another part of the house stand beside the desk’s own from the next `loadLocale` on. `folder`: a URL that ends in “/”. */
export const alsoFrom = (folder) => folders.push(folder);

export const locale = () => current;

/** The string of `key` with its `{variables}` filled; a missing key shows itself rather than nothing. */
export function t(key, variables = {}) {
  return (strings[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => variables[name] ?? whole);
}

/** `plural("thread.messages", 3)` reads `thread.messages.one` or `thread.messages.other`, with `{count}` filled. */
export function plural(key, count, variables = {}) {
  const form = `${key}.${pluralRules.select(count)}`;
  const count_text = new Intl.NumberFormat(current).format(count);
  return t(form in strings ? form : `${key}.other`, { count: count_text, ...variables });
}

/** The label of a code (`topic.delivery`); a code without a label is shown readable: `track_order` → “Track order”. */
export function label(group, code) {
  if (!code) return "";
  const key = `${group}.${code}`;
  if (key in strings) return strings[key];
  const words = String(code).replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toLocaleUpperCase(current) + words.slice(1);
}
