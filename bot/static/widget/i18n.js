// Texts of the interface, one JSON file a language.

export const LOCALES = ["fr", "en"];
const TRIES = 6;

/** A file of the widget; a service that is restarting is asked again for a while. */
export async function fetchFile(path) {
  for (let tries = 1; ; tries += 1) {
    try {
      const response = await fetch(new URL(path, import.meta.url));
      if (response.ok) return response;
      throw new Error(`${path}: ${response.status}`);
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
    }
  }
}

export class Texts {
  constructor(locale, entries) {
    this.locale = locale;
    this.entries = entries;
    this.plural = new Intl.PluralRules(locale);
    // As the service itself writes: Monday 23 November, 14:05.
    const region = locale === "en" ? "en-GB" : locale;
    this.clock = new Intl.DateTimeFormat(region, { hour: "2-digit", minute: "2-digit" });
    this.dates = new Intl.DateTimeFormat(region, { day: "numeric", month: "long", year: "numeric" });
    this.calendar = new Intl.DateTimeFormat(region, { weekday: "long", day: "numeric", month: "long" });
  }

  static async load(locale) {
    const response = await fetchFile(`locales/${locale}.json`);
    return new Texts(locale, await response.json());
  }

  /** The text of `key`, with {names} filled in; with `count`, the form for that number. */
  say(key, values = {}) {
    const form = "count" in values ? `${key}_${this.plural.select(values.count) === "one" ? "one" : "other"}` : key;
    return this.entries[form].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  time(moment) {
    return this.clock.format(new Date(moment));
  }

  date(moment) {
    return this.dates.format(new Date(moment));
  }

  day(moment) {
    return this.calendar.format(new Date(moment));
  }
}

/** The language to begin with: the customer's own choice on a page in this language, else the page's. */
export function startingLocale(attribute, chosen) {
  const page = [attribute, document.documentElement.lang].map((tag) => tag?.slice(0, 2)).find((tag) => LOCALES.includes(tag));
  const pageLocale = page ?? LOCALES[0];
  return { pageLocale, locale: chosen?.page === pageLocale && LOCALES.includes(chosen.locale) ? chosen.locale : pageLocale };
}
