// What the page of incidents shows: alerts, what is in front, what is prepared, or how to begin.

import { h, icon } from "/static/desk/dom.js";
import { dateTime, time } from "/static/desk/format.js";
import { label, locale, plural, t } from "/static/desk/i18n.js";
import { STARTS } from "./starts.js";

/** Blocks for `reconcile`. */
export function blocksOf(page, { incidents, alerts }) {
  const front = incidents.filter((one) => one.run);
  const rest = incidents.filter((one) => !one.run);
  const blocks = [
    // What is in front is being dealt with, though the next look has not been taken yet.
    ...alerts.filter(({ topic }) => !front.some(({ form }) => form.topics.includes(topic))).map((alert) => ({ key: `alert-${alert.id}`, signature: JSON.stringify([alert, incidents.length]), make: () => rise(page, alert, incidents) })),
    ...(front.length ? [head("front", t("incidents.front"))] : []),
    ...front.map((one) => ({ key: one.id, signature: JSON.stringify(one), make: () => inFront(page, one) })),
    ...(rest.length ? [head("prepared", t("incidents.prepared"))] : []),
    ...rest.map((one) => ({ key: one.id, signature: JSON.stringify(one), make: () => prepared(page, one) })),
  ];
  return incidents.length ? blocks : [...blocks, { key: "empty", signature: "", make: empty }];
}

const head = (key, words) => ({ key: `head-${key}`, signature: words, make: () => h("h2", { class: "incidents-head" }, words) });
const inOwn = (texts) => texts[locale()] || Object.values(texts).find(Boolean) || "";
const press = (words, run, { look = "", named = "" } = {}) =>
  h("button", { class: `button ${look}`, type: "button", "aria-label": named && `${words} – ${named}`, on: { click: run } }, words);
const edit = (one) => h("a", { class: "button", href: `/studio/incidents/${encodeURIComponent(one.id)}`, "aria-label": `${t("incidents.edit")} – ${one.form.name}` }, t("incidents.edit"));

function rise(page, alert, incidents) {
  const found = incidents.find((one) => one.id === alert.proposed);
  const words = t("incidents.rise", { topic: label("topic", alert.topic), asked: alert.asked, usual: Math.round(alert.usual), time: time(alert.raised_at) });
  const use = found && page.studio.may("publish") && press(t("incidents.use", { name: found.form.name }), () => page.switch.on(found), { look: "button--primary" });
  return h("section", { class: "incident-alert", role: "status" },
    icon("alert"),
    h("div", {},
      h("p", {}, h("strong", {}, words)),
      h("p", {}, found ? t("incidents.rise_prepared", { name: found.form.name }) : t("incidents.rise_nothing")),
      h("div", { class: "incident-actions" },
        use,
        !found && h("a", { class: "button", href: `/studio/incidents/new?topic=${encodeURIComponent(alert.topic)}` }, t("incidents.prepare")),
        press(t("incidents.put_aside"), () => page.switch.putAside(alert)))));
}

function about({ form }) {
  const phrases = (form.phrases[locale()] ?? []).slice(0, 3).map((phrase) => h("span", { class: "badge badge--info" }, phrase));
  return h("p", { class: "badges" }, form.topics.map((topic) => h("span", { class: "badge" }, label("topic", topic))), phrases);
}

function inFront(page, one) {
  const { form, run } = one;
  const ends = run.ends_at ? t("incidents.until", { when: dateTime(run.ends_at) }) : t("incidents.no_end");
  const told = t("incidents.told", { asked: plural("incidents.asked", run.told.asked), queued: plural("incidents.queued", run.told.queued) });
  const named = { named: form.name };
  return h("article", { class: "incident incident--on", "aria-labelledby": `incident-${one.id}` },
    h("div", { class: "incident-title" }, h("h3", { id: `incident-${one.id}` }, form.name), h("span", { class: "badge badge--warn" }, icon("alert"), t("incidents.on"))),
    about(one),
    h("p", { class: "incident-notice" }, inOwn(form.notice)),
    h("p", { class: "incident-small" }, t("incidents.since", { when: dateTime(run.started_at), name: run.started_by ?? "–" }), " · ", ends),
    h("p", { class: "incident-small" }, told),
    run.updates.length > 0 && h("ul", { class: "incident-news" }, run.updates.map((each) => news(each))),
    h("div", { class: "incident-actions" }, page.studio.may("publish") && [
      press(t("incidents.update"), () => page.switch.news(one), { look: "button--primary", ...named }),
      press(t("incidents.change_end"), () => page.switch.end(one), named),
      edit(one),
      press(t("incidents.off"), () => page.switch.off(one), { look: "button--danger", ...named }),
    ]));
}

const news = (each) => h("li", {}, h("span", { class: "incident-small" }, `${time(each.at)} · ${each.sent ? plural("incidents.reached", each.reached) : t("incidents.soon")}`), " ", inOwn(each.text));

function prepared(page, one) {
  const { form } = one;
  const named = { named: form.name };
  const last = one.last_run && t("incidents.last", { from: dateTime(one.last_run.started_at), to: dateTime(one.last_run.ended_at) });
  return h("article", { class: "incident", "aria-labelledby": `incident-${one.id}` },
    h("div", { class: "incident-title" }, h("h3", { id: `incident-${one.id}` }, form.name)),
    about(one),
    h("p", { class: "incident-text" }, inOwn(form.answer)),
    h("p", { class: "incident-small" }, t("incidents.changed", { when: dateTime(one.updated_at), name: one.updated_by ?? "–" }), last && ` · ${last}`),
    h("div", { class: "incident-actions" },
      page.studio.may("publish") && press(t("incidents.put_in_front"), () => page.switch.on(one), { look: "button--primary", ...named }),
      edit(one),
      press(t("incidents.remove"), () => page.switch.remove(one), named)));
}

/** Nothing is prepared: three beginnings, which are only to be looked through and saved. */
function empty() {
  const start = (key) => h("li", {}, h("a", { class: "incident-start", href: `/studio/incidents/new?start=${key}` }, icon(STARTS[key].icon), h("span", {}, h("strong", {}, STARTS[key].form.name[locale()]), h("span", {}, STARTS[key].form.notice[locale()]))));
  return h("div", { class: "empty incidents-empty" },
    icon("alert"),
    h("h2", { class: "empty-title" }, t("incidents.empty")),
    h("p", {}, t("incidents.empty_how")),
    h("ul", { class: "incident-starts" }, Object.keys(STARTS).map(start)));
}
