// Articles that say the same: both titles, what they share, and “these are two different things”, with the way back.

import { h, icon } from "/static/desk/dom.js";
import { label, t } from "/static/desk/i18n.js";
import { unbroken } from "../articles/draft.js";

/** `tell(pair)`: they are two different things. */
export function pairsList(pairs, tell) {
  if (!pairs.length) return h("div", { class: "empty" }, icon("check"), h("p", { class: "empty-title" }, t("health.pairs.none")));
  return h("ul", { class: "health-pairs", "aria-label": t("health.look.duplicate") }, pairs.map((pair) => one(pair, tell)));
}

function one(pair, tell) {
  const [first, second] = pair.articles;
  const link = ({ article_id, locale, title, topic }) => h("div", {}, h("a", { class: "list-title", lang: locale, href: `/studio/articles/${encodeURIComponent(article_id)}?locale=${locale}` }, unbroken(title)), h("p", { class: "list-small" }, [label("language", locale), label("topic", topic)].join(" · ")));
  const shared = pair.shared.map(([a, b]) => h("li", { lang: pair.locale }, h("span", {}, a), h("span", { "aria-hidden": "true" }, "≈"), h("span", {}, b)));
  const apart = h("button", { class: "button button--small", type: "button", "aria-label": `${t("health.pairs.apart")} – ${first.title} / ${second.title}`, on: { click: () => tell(pair) } }, t("health.pairs.apart"));
  return h("li", { class: "health-pair" }, h("div", { class: "health-two" }, link(first), link(second)),
    shared.length > 0 && h("div", {}, h("p", { class: "health-quiet" }, t("health.pairs.shared")), h("ul", { class: "health-shared" }, shared)),
    h("div", {}, apart));
}
