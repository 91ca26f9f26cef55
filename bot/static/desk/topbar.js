// What every page of the desk has around it: the bar on top and the rail of pages.

import { h, icon } from "./dom.js";
import { LANGUAGES, loadLocale, locale, t } from "./i18n.js";
import { remember, remembered } from "./memory.js";
import { initials } from "./parts.js";

const LOCALE_KEY = "relais.desk.locale";
const THEME_KEY = "relais.theme";
const ICONS = {
  desk: "chat", callbacks: "phone", search: "search", replies: "insert", floor: "people", team: "user", settings: "sliders", audit: "list", webhooks: "plug", studio: "pen", me: "lock",
};
// Pages that do not stand beneath /desk/.
const PLACES = { desk: "/desk", studio: "/studio" };

/** The language chosen in this browser, or the account's. */
export const startLocale = (otherwise) => loadLocale(remembered(LOCALE_KEY) ?? otherwise);

/**
 * `frame({me, brand, pages, current, tools, links, label, onSpeak, onSignOut})` → `{bar, rail}`. `pages`: names this person
 * may open; the studio brings `links` (`{name, href, icon, words}`) of its own, and a `label` for them.
 */
export function frame(options) {
  return { bar: topbar(options), rail: rail(options) };
}

/**
 * Draw a page that stands beside the desk into `root`; returns its `main`. `options`: as of `frame`, without `onSignOut`. `say`: tells what
 * failed; `store`: what the messages at its foot listen to; `above`: nodes between the bar and the page.
 */
export function drawPage(root, { api, say, store, above = [], ...options }) {
  const onSignOut = () => signOut(api, say);
  const { bar, rail: pages } = frame({ ...options, onSignOut });
  const main = h("main", { class: "page", id: "main", tabindex: "-1" });
  root.replaceChildren(
    h("a", { class: "skip-link", href: "#main" }, t("page.skip")),
    bar,
    ...above,
    h("div", { class: "frame" }, pages, main),
    h("desk-toasts", { class: "toasts", prop: { store } }));
  return main;
}

async function signOut(api, say) {
  try {
    await api.delete("/session");
    location.assign("/desk/login");
  } catch (error) {
    say("toast.failed", { reason: error.message }, { bad: true });
  }
}

function topbar({ me, brand, tools = [], onSpeak, onSignOut }) {
  const speak = async (code) => {
    remember(LOCALE_KEY, code);
    await loadLocale(code);
    onSpeak();
    document.querySelector(`.language[lang="${code}"]`)?.focus();
  };
  const languages = LANGUAGES.map((code) => h("button", { class: "language", type: "button", lang: code, "aria-pressed": String(code === locale()), "aria-label": t(`language.${code}`), on: { click: () => speak(code) } }, code.toUpperCase()));
  const theme = h("button", { class: "icon-button", type: "button", on: { click: () => changeTheme(theme) } });
  dressTheme(theme);
  const out = h("button", { class: "icon-button", type: "button", "aria-label": t("top.out"), title: t("top.out"), on: { click: onSignOut } }, icon("out"));
  return h("header", { class: "topbar" },
    h("div", { class: "topbar-brand" }, h("img", { src: "/static/desk/favicon.svg", alt: "", width: "26", height: "26" }), h("span", { class: "topbar-name" }, "Relais"), h("span", { class: "topbar-house" }, brand)),
    h("div", { class: "topbar-tools" }, tools[0], h("div", { class: "languages", role: "group", "aria-label": t("top.language") }, languages), tools.slice(1), theme,
      h("span", { class: "topbar-me" }, h("span", { class: "avatar avatar--small", "aria-hidden": "true" }, initials(me.name)), h("span", { class: "topbar-person" }, me.name)), out));
}

/** A badge is set by `setBadge(name, count)`. */
function rail({ pages, current, links = pages.map(deskLink), label = t("page.label") }) {
  const link = ({ name, href, icon: drawn, words }) => h("a", { class: "rail-link", href, "aria-current": name === current && "page", title: words, data: { page: name } },
    icon(drawn), h("span", { class: "rail-name" }, words), h("span", { class: "rail-badge", hidden: true }));
  const nav = h("nav", { class: "rail", "aria-label": label }, links.map(link));
  // On a phone the rail is wider than the window: where one is must be seen.
  requestAnimationFrame(() => nav.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" }));
  return nav;
}

/** One page of the desk in a rail. */
export const deskLink = (name) => ({ name, href: PLACES[name] ?? `/desk/${name}`, icon: ICONS[name] ?? "dots", words: t(`page.${name}`) });

/** A count beside a page's name in the rail; 0 hides it. */
export function setBadge(name, count) {
  const badge = document.querySelector(`.rail-link[data-page="${name}"] .rail-badge`);
  if (!badge) return;
  badge.hidden = !count;
  badge.textContent = count > 99 ? "99+" : String(count);
}

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function changeTheme(button) {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  remember(THEME_KEY, theme);
  dressTheme(button);
}

function dressTheme(button) {
  const name = t(isDark() ? "top.light" : "top.dark");
  button.setAttribute("aria-label", name);
  button.title = name;
  button.replaceChildren(icon(isDark() ? "sun" : "moon"));
}

let leaving = false;

/** To the sign-in page, and back here after. */
export function signedOut() {
  if (leaving) return;
  leaving = true; // the socket and a request may both find out: a second navigation would abort the first
  location.assign(`/desk/login?next=${location.pathname}${location.hash}`);
}
