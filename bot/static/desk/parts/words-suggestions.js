// Articles in the card: those for the customer's latest question, and any other by its words. Inserted, or sent as a card.

import { section } from "../card-parts.js";
import { externalLink, h, icon, randomId } from "../dom.js";
import { extend } from "../extensions.js";
import { LANGUAGES, locale, t } from "../i18n.js";
import { remembered } from "../memory.js";
import { pushPage } from "./words-actions.js";

const MOST_KEYS = 3;
const TYPED_MS = 300;
const SHORTEST = 3;

/** The box with its words outlives the card, which is drawn again as the conversation goes on. */
let box = { key: "", node: null };
let wired = null;
const leaving = new Set();

/** Put an article's answer and address into the reply. */
function insert(article) {
  const address = article.url ? `\n${new URL(article.url, location.origin)}` : "";
  document.querySelector("desk-card")?.dispatchEvent(new CustomEvent("insert", { bubbles: true, detail: `${article.answer ?? article.title}${address}` }));
}

/** Send an article as a card; the same id at a new try, so that it arrives once. */
async function send(store, item, article, id = randomId()) {
  const key = `${item.conversation_id} ${article.article_id}`;
  if (leaving.has(key)) return; // a key pressed twice
  leaving.add(key);
  try {
    const body = { client_message_id: id, article_id: article.article_id, locale: article.locale };
    const { message } = await store.api.post(`/conversations/${encodeURIComponent(item.conversation_id)}/articles`, body);
    await store.threads.receive(item.conversation_id, message);
    store.emit("written", item.conversation_id);
  } catch (error) {
    const action = error.retryable ? { label: t("delivery.retry"), run: () => send(store, item, article, id) } : null;
    store.emit("toast", { key: "toast.failed", variables: { reason: error.message }, bad: true, action });
  }
  leaving.delete(key);
}

function suggestions(context, store, mine, item) {
  wired = store;
  const list = context.suggestions ?? [];
  const about = context.suggestions_for;
  const stale = about && !about.current && h("p", { class: "aside words-stale" }, icon("alert"), t("words.stale"));
  const said = [context.why?.question, context.why?.latest_question];
  const asked = about?.question && !said.includes(about.question) && h("p", { class: "words-about" }, t("words.about", { question: about.question.slice(0, 120) }));
  return section("suggestions", stale, asked,
    list.map((article, index) => entry(article, { store, item, mine, key: index < MOST_KEYS ? index + 1 : 0 })),
    searchBox(store, item, mine));
}

function entry(article, { store, item, mine, key }) {
  const { title } = article;
  const button = (name, glyph, run, text) => h("button", { class: `button button--small${text ? "" : " words-icon"}`, type: "button", disabled: !mine, title: mine ? t(`words.${name}`) : t("card.insert.locked"), "aria-label": t(`words.${name}.label`, { title }), on: { click: run } }, icon(glyph), text && t(`words.${name}`));
  return h("article", { class: "suggestion", data: { article: article.article_id } },
    h("h4", { class: "suggestion-title" }, key > 0 && h("kbd", { "aria-hidden": "true" }, String(key)), " ", externalLink(article.url, title)),
    article.answer && h("p", { class: "suggestion-text", lang: article.locale }, article.answer),
    h("div", { class: "words-buttons" },
      button("insert", "insert", () => insert(article), true),
      button("send", "send", () => send(store, item, article), true),
      button("page", "link", () => pushPage(store, item, { article_id: article.article_id }), false)));
}

function searchBox(store, item, mine) {
  const key = `${item.handoff_id} ${mine} ${locale()}`;
  if (box.key !== key) box = { key, node: newBox(store, item, mine) };
  const { node } = box;
  // Moving it into the new card takes the focus from it.
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  if (focused) queueMicrotask(() => focused.focus());
  return node;
}

function newBox(store, item, mine) {
  let timer = 0;
  let asked = 0;
  const input = h("input", { class: "input", type: "search", "aria-label": t("words.search"), placeholder: t("words.search"), maxlength: "200" });
  const language = h("select", { class: "input words-language", "aria-label": t("words.search.language") }, LANGUAGES.map((code) => h("option", { value: code, selected: code === item.locale?.slice(0, 2) }, code.toUpperCase())));
  const status = h("p", { class: "aside", role: "status" });
  const results = h("div", { class: "words-results" });
  const look = async () => {
    const query = input.value.trim();
    const mineNow = ++asked;
    if (query.length < SHORTEST) {
      results.replaceChildren();
      status.textContent = "";
      return;
    }
    try {
      const { articles } = await store.api.get(`/articles?q=${encodeURIComponent(query)}&locale=${language.value}`);
      if (mineNow !== asked) return;
      results.replaceChildren(...articles.map((article) => entry(article, { store, item, mine, key: 0 })));
      status.textContent = articles.length ? "" : t("words.search.none");
    } catch (error) {
      if (mineNow === asked) status.textContent = error.message;
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(look, TYPED_MS);
  };
  input.addEventListener("input", later);
  language.addEventListener("change", look);
  return h("div", { class: "words-search", role: "search" }, h("div", { class: "words-row" }, input, language), status, results);
}

function nth(store, index) {
  const { selected } = store;
  if (!selected || !store.isMine(selected)) return null;
  return store.context(selected.handoff_id)?.suggestions?.[index] ?? null;
}

extend("card", { name: "suggestions", order: 50, make: suggestions });

for (let number = 1; number <= MOST_KEYS; number += 1) {
  const run = (store) => {
    const article = nth(store, number - 1);
    if (article) insert(article);
  };
  extend("keys", { key: String(number), keys: number === 1 ? ["1", "2", "3"] : [], label: () => t("words.key.insert"), run });
}

// Alt and a digit type nothing anywhere, so that they also work while one writes. Here for the list of shortcuts alone.
extend("keys", { key: `alt + 1…${MOST_KEYS}`, keys: [`Alt + 1…${MOST_KEYS}`], label: () => t("words.key.send"), run: () => {} });
document.addEventListener("keydown", (event) => {
  const digit = event.code.match(/^(?:Digit|Numpad)([1-3])$/)?.[1];
  if (!digit || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return;
  if (!wired || document.querySelector("dialog[open]") || !remembered("relais.desk.shortcuts", true)) return;
  const article = nth(wired, Number(digit) - 1);
  if (!article) return;
  event.preventDefault();
  send(wired, wired.selected, article);
});
