// The tables of the health page: articles, topics by language, and the sums above them.

import { h } from "/static/desk/dom.js";
import { percent } from "/static/desk/format.js";
import { label, locale, plural, t } from "/static/desk/i18n.js";
import { unbroken } from "../articles/draft.js";

const COLUMNS = ["title", "shown", "opened", "help", "not_helped", "handoffs"];
const OPENING = ["shown", "opened", "not_helped", "handoffs"];
const MEANT = ["shown", "opened", "help", "handoffs"];
const TONES = { contradicted: "bad", due: "bad", stale: "warn", missing: "warn", duplicate: "warn", unread: "plain" };

const number = (count) => new Intl.NumberFormat(locale()).format(count);
const column = (name) => t(`health.column.${name}`);

/** The share that was helped with its counts, and a bar of the range in which it lies. */
export function share({ rate, low, high, helped, not_helped }) {
  if (rate === null) return h("span", { class: "health-quiet" }, t("health.no_opinion"));
  const range = t("health.range", { low: percent(low), high: percent(high) });
  const bar = h("span", { class: "health-bar", "aria-hidden": "true" }, h("span", {}));
  bar.firstChild.style.setProperty("--low", low);
  bar.firstChild.style.setProperty("--high", high);
  return h("span", { class: "health-share", title: range }, h("span", {}, t("health.share", { share: percent(rate), yes: number(helped), all: number(helped + not_helped) })), bar, h("span", { class: "visually-hidden" }, range));
}

/** `open(figure)`: what is behind a sum. */
export function totals(sums, open) {
  const panel = (name, value, more = null) => h("div", { class: "panel" }, h("p", { class: "figure-name" }, column(name)), h("p", { class: "figure" }, value), h("p", { class: "health-means" }, t(`health.means.${name}`)), more);
  const pressed = (name) => sum(name, sums[name], () => open(name));
  const helped = sums.rate === null ? "–" : percent(sums.rate);
  const said = [["helped", sums.helped, "help"], ["not_helped", sums.not_helped, "not_helped"]].map(([figure, count, words]) => h("span", {}, column(words), " ", sum(words, count, () => open(figure))));
  return [panel("shown", pressed("shown")), panel("opened", pressed("opened")), panel("help", helped, h("p", { class: "health-said" }, said)), panel("handoffs", pressed("handoffs"))];
}

/** A figure that opens what is behind it; nothing is behind a nought. `of`: whose it is, where that is not said beside it. */
function sum(name, count, run, of = "") {
  if (!count) return h("span", { class: "health-quiet" }, number(count));
  const words = t("health.behind", { column: column(name), count: number(count) });
  return h("button", { class: "health-link", type: "button", "aria-label": of ? `${of} – ${words}` : words, on: { click: run } }, number(count));
}

/** Heads that sort; the one in use says which way. */
export function heads(sort, order, turn) {
  return h("thead", {}, h("tr", {}, COLUMNS.map((name) => {
    const isUsed = name === sort;
    return h("th", { scope: "col", class: name === "title" ? "" : "number", "aria-sort": isUsed ? (order === "up" ? "ascending" : "descending") : null },
      h("button", { class: "health-sort", type: "button", title: MEANT.includes(name) ? t(`health.means.${name}`) : null, data: { sort: name }, on: { click: () => turn(name) } },
        column(name), h("span", { class: "health-arrow", "aria-hidden": "true" }, isUsed ? (order === "up" ? "↑" : "↓") : "")));
  })));
}

export function articleRow(row, open) {
  const { article_id, locale: code, title, topic, state, debts, versions } = row;
  const name = unbroken(title || article_id);
  const words = state === "gone" ? h("span", { class: "list-title", lang: code }, name) : h("a", { class: "list-title", lang: code, href: `/studio/articles/${encodeURIComponent(article_id)}?locale=${code}` }, name);
  const small = [label("language", code), topic && label("topic", topic)].filter(Boolean).join(" · ");
  const marks = [...debts.map((debt) => h("span", { class: `badge badge--${TONES[debt]}`, title: t(`health.why.${debt}`) }, t(`health.mark.${debt}`))), state === "gone" && h("span", { class: "badge badge--plain" }, t("health.gone"))].filter(Boolean);
  const quoted = versions > 0 && h("button", { class: "health-link", type: "button", on: { click: () => open.versions(row) } }, plural("health.versions", versions));
  const figure = (key) => h("td", { class: "number", data: { name: column(key) } }, sum(key, row[key], () => open.figure(row, key)));
  return h("tr", {},
    h("th", { scope: "row", class: "health-article" }, words, h("span", { class: "list-small" }, small, quoted && " · ", quoted), marks.length > 0 && h("span", { class: "health-marks" }, marks)),
    figure("shown"), figure("opened"),
    h("td", { class: "number", data: { name: column("help") } }, row.helped ? h("button", { class: "health-link", type: "button", on: { click: () => open.figure(row, "helped") } }, share(row)) : share(row)),
    figure("not_helped"), figure("handoffs"));
}

/** `open(topic, figure)`: what is behind a sum of one topic in one language. */
export function topicsTable(topics, open) {
  const of = (one) => [one.topic ? label("topic", one.topic) : t("health.topic.none"), label("language", one.locale)].join(", ");
  // What has no topic any more is narrowed to by none.
  const cell = (one, name) => (OPENING.includes(name) && one.topic ? sum(name, one[name], () => open(one, name, of(one)), of(one)) : number(one[name]));
  const cells = ["articles", "owing", "shown", "opened", "not_helped", "handoffs"];
  // It may be wider than the page, and nothing in it takes the focus.
  return h("div", { class: "table-box", tabindex: "0", role: "group", "aria-labelledby": "health-topics" }, h("table", { class: "table health-table", "aria-labelledby": "health-topics" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, column("topic")), cells.map((name) => h("th", { scope: "col", class: "number" }, column(name))), h("th", { scope: "col", class: "number" }, column("help")))),
    h("tbody", {}, topics.map((one) => h("tr", {},
      h("th", { scope: "row", class: "health-article" }, h("span", { class: "list-title" }, one.topic ? label("topic", one.topic) : t("health.topic.none")), h("span", { class: "list-small" }, label("language", one.locale))),
      cells.map((name) => h("td", { class: "number", data: { name: column(name) } }, cell(one, name))),
      h("td", { class: "number", data: { name: column("help") } }, one.helped && one.topic ? h("button", { class: "health-link", type: "button", on: { click: () => open(one, "helped", of(one)) } }, share(one)) : share(one)))))));
}
