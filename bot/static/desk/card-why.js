// The card's part about the request: why, what was tried, what the assistant understood, where the customer was.

import { foldedSection, section, words } from "./card-parts.js";
import { externalLink, h, icon } from "./dom.js";
import { extensions } from "./extensions.js";
import { percent, time } from "./format.js";
import { label, t } from "./i18n.js";

const TASK_TONE = { done: "good", failed: "bad", cancelled: "plain", started: "warn", refused: "plain" };
const REFUSED = /^(?:[A-Z]+-\d+: )?refused: /;

export function why(facts, best, store) {
  const badges = [
    h("span", { class: `badge badge--${reasonTone(facts.reason)}` }, label("reason", facts.reason)),
    facts.topic && h("span", { class: "badge" }, label("topic", facts.topic)),
    best?.skill && best.skill !== facts.topic && h("span", { class: "badge" }, t("card.skill", { skill: label("skill", best.skill) })),
  ];
  return section("why",
    h("p", { class: "badges" }, badges),
    facts.question && h("blockquote", { class: "quote" }, facts.question),
    facts.latest_question && facts.latest_question !== facts.question && [h("p", { class: "card-subheading" }, t("card.since_then")), h("blockquote", { class: "quote words-latest" }, facts.latest_question)],
    summary(facts),
    knownAdvisor(best?.preferred_advisor, store));
}

/** The lines composed by the server, but for the one that would repeat the question quoted above it. */
function summary(facts) {
  const asked = (facts.question ?? "").trim().slice(0, 40);
  const lines = (facts.summary ?? "").split("\n").filter((line) => line && !(asked && line.includes(asked)));
  return lines.length ? h("div", { class: "summary" }, lines.map((line) => h("p", {}, line))) : null;
}

/** Somebody who served this customer before; an id that nobody on this page bears is not worth a line. */
function knownAdvisor(id, store) {
  if (!id) return null;
  if (id === store.me.id) return h("p", { class: "aside" }, icon("user"), t("card.preferred.you"));
  const name = store.handoffs.find((item) => item.advisor?.id === id)?.advisor.name;
  return name ? h("p", { class: "aside" }, icon("user"), t("card.preferred", { name })) : null;
}

function reasonTone(reason) {
  if (["sensitive_topic", "negative_feeling"].includes(reason)) return "bad";
  return ["customer_request", undefined].includes(reason) ? "info" : "warn";
}

export function tried(facts, store, item, mine) {
  const articles = facts.articles_shown ?? [];
  const tasks = facts.tasks_tried ?? [];
  const incidents = facts.incidents ?? [];
  if (!articles.length && !tasks.length && !incidents.length) return section("tried", h("p", { class: "aside" }, t("card.tried.nothing")));
  return section("tried", h("ul", { class: "tries" }, incidents.map(incidentTold), articles.map(articleTried), tasks.map((task, index) => taskTried(task, extensions("tries").map((entry) => entry.make(task, index, store, item, mine))))));
}

function incidentTold({ name, told_at: at }) {
  return h("li", { class: "try" },
    icon("alert"),
    h("div", {},
      h("p", { class: "try-title" }, name),
      h("p", { class: "try-note" }, t("card.incident", { time: time(at) }))));
}

function articleTried(article) {
  const verdict = article.helpful === true ? "yes" : article.helpful === false ? "no" : "unknown";
  const tone = { yes: "good", no: "bad", unknown: "plain" }[verdict];
  return h("li", { class: "try" },
    icon("book"),
    h("div", {},
      h("p", { class: "try-title" }, article.url ? externalLink(article.url, article.title) : article.title),
      h("p", { class: "try-note" }, h("span", { class: `verdict verdict--${tone}` }, t(`helpful.${verdict}`)), typeof article.score === "number" && ` · ${t("card.score", { score: percent(article.score) })}`)));
}

function taskTried(task, more) {
  // A rule of the shop's said no: nothing broke.
  const outcome = task.outcome === "failed" && REFUSED.test(words(task.detail)) ? "refused" : task.outcome;
  const tone = TASK_TONE[outcome] ?? "plain";
  return h("li", { class: "try" },
    icon(outcome === "failed" ? "alert" : "box"),
    h("div", {},
      h("p", { class: "try-title" }, label("task", task.name)),
      h("p", { class: "try-note" }, h("span", { class: `verdict verdict--${tone}` }, label("task-outcome", outcome)), task.step && ` · ${t("card.step", { step: label("step", task.step) })}`),
      task.detail && h("p", { class: "try-detail" }, detail(words(task.detail))),
      more));
}

/** Tasks write their detail as “MA-104233: refused: too_late”; a detail that is a sentence already is shown as it is. */
function detail(text) {
  const [, number, what] = text.match(/^(?:([A-Z]+-\d+): )?(?:refused: )?([a-z_, ]+)$/) ?? [];
  if (!what) return text;
  return [number, label("detail", what.replaceAll(/,? /g, "_"))].filter(Boolean).join(" · ");
}

export function understood(facts) {
  return foldedSection("understood", intents(facts.intents), slots(facts.slots), questions(facts.questions_asked));
}

/** An intent that asks for a task is called as the task is. */
const intentName = (name) => (t(`intent.${name}`) === `intent.${name}` ? label("task", name) : label("intent", name));

function intents(list) {
  if (!list?.length) return null;
  return h("ul", { class: "intents", "aria-label": t("card.intents") }, list.map((intent) => {
    const meter = h("meter", { min: "0", max: "1", value: String(intent.confidence ?? 0), "aria-hidden": "true" });
    return h("li", {}, h("span", {}, intentName(intent.name)), meter, h("span", { class: "number" }, typeof intent.confidence === "number" ? percent(intent.confidence) : "–"));
  }));
}

function slots(values) {
  const rows = Object.entries(values ?? {}).filter(([, value]) => value !== null && value !== "");
  if (!rows.length) return null;
  return h("dl", { class: "facts" }, rows.map(([name, value]) => [h("dt", {}, label("slot", name)), h("dd", {}, shown(value))]));
}

function shown(value) {
  if (typeof value === "boolean") return t(`value.${value}`);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function questions(list) {
  if (!list?.length) return null;
  return [h("h4", { class: "card-subheading" }, t("card.questions")), h("ul", { class: "plain-list" }, list.map((each) => h("li", {}, words(each))))];
}

export function visited(facts) {
  const pages = [...(facts.pages_seen ?? [])];
  const { page } = facts;
  if (page?.url && !pages.some((each) => each.url === page.url)) pages.unshift(page);
  return foldedSection("pages", pages.length && h("ul", { class: "plain-list pages" }, pages.map((each) =>
    h("li", {}, icon("link"), externalLink(each.url, each.title || each.url), each.seen_at && h("time", { datetime: each.seen_at }, time(each.seen_at))))));
}
