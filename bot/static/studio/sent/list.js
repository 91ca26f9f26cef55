// What was sent on: to whom, when, how many conversations came since; resolved, with the way back.

import { h, icon } from "/static/desk/dom.js";
import { date } from "/static/desk/format.js";
import { plural, t } from "/static/desk/i18n.js";
import { figuresOf } from "../gaps/row.js";
import { ownerName } from "./dialog.js";

/** The rows of the list; `act`: `{settle(one, state), write(gap)}`. */
export function sentRows(sent, act) {
  if (!sent.length) return [h("li", { class: "empty" }, icon("send"), h("p", { class: "empty-title" }, t("sent.none")), h("p", {}, t("sent.none.how")))];
  return sent.map((one) => h("li", { class: "gap sent", data: { sent: one.sent_id } }, row(one, act)));
}

function row(one, act) {
  const { owner, figures, note, sent_at, sent_by, since, resolved_at, mistaken, mail } = one;
  const words = t("sent.to.on", { owner: ownerName(owner), when: date(sent_at), who: sent_by });
  const marks = [resolved_at && h("span", { class: `badge badge--${mistaken ? "plain" : "good"}` }, t(mistaken ? "sent.mistaken.on" : "sent.resolved.on", { when: date(resolved_at) })), mail === "failed" && h("span", { class: "badge badge--bad" }, t("sent.mail.failed"))].filter(Boolean);
  return h("div", { class: "gap-head sent-head" },
    h("div", { class: "gap-words" }, h("h2", { class: "sent-title" }, title(one)), h("p", { class: "gap-small" }, words), note && h("blockquote", { class: "sent-note" }, note), marks.length > 0 && h("p", {}, marks)),
    h("p", { class: "sent-since" }, h("strong", {}, String(since)), " ", plural("sent.since", since)),
    h("dl", { class: "gap-figures" }, figuresOf(figures)),
    h("div", { class: "gap-actions" }, actions(one, act)));
}

function title({ typical, title: of, article_id, locale, gap_id }) {
  if (article_id) return h("a", { lang: locale, href: `/studio/articles/${encodeURIComponent(article_id)}?locale=${locale}` }, of);
  return typical ? h("span", { lang: typical.locale }, typical.text) : h("span", { class: "gap-small", data: { gap: gap_id } }, t("sent.erased"));
}

function actions(one, { settle, write }) {
  // What its reader was told is not taken back: it would be sent on anew.
  if (one.mistaken) return [];
  const said = one.typical?.text || one.title || t("sent.erased");
  const button = (words, run, kind = "") => h("button", { class: `button button--small ${kind}`, type: "button", "aria-label": `${words} – ${said}`, on: { click: run } }, words);
  const settled = one.resolved_at ? button(t("sent.reopen"), () => settle(one, "pending")) : button(t("sent.resolve"), () => settle(one, "resolved"), "button--primary");
  const mistake = !one.resolved_at && button(t("sent.mistake"), () => settle(one, "mistaken"), "button--quiet");
  return [settled, mistake, one.gap_id && one.typical && !one.resolved_at && button(t("gaps.write"), () => write(one), "button--quiet")];
}
