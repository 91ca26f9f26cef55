// An article, read inside the chat, with the sentence that answers marked.
import { h, icon, link, safeUrl } from "../dom.js";
import { prepare, Sheet } from "./parts.js";
import { grow, markSentence } from "./tree.js";

/** Opens the article of `answer` over the messages; where it can't be shown, its page is a link away. */
export async function readArticle(view, answer, back) {
  const say = await prepare(view);
  const sheet = new Sheet(view, say, answer.title ?? view.say("read_article"), back);
  sheet.heading.lang = answer.locale ?? "";
  await show(view, say, sheet, answer);
}

async function show(view, say, sheet, { article_id: id, locale, sentence, url }) {
  sheet.show(h("p", { class: "sheet-lead", role: "status" }, say("loading")));
  try {
    const path = `articles/${encodeURIComponent(id)}?locale=${locale ?? view.api.locale}`;
    const article = await view.api.call("GET", path, { cache: "default" });
    draw(view, say, sheet, article, sentence);
  } catch (error) {
    const href = url && safeUrl(url, view.base);
    const away = h("p", { role: "alert" }, error.message || say("article_away"), " ");
    if (href) away.append(link(href, say("open_tab")));
    sheet.show(away);
  }
}

function draw(view, say, sheet, article, sentence) {
  const body = h("div", { class: "article", lang: article.locale }, ...grow(article.body, article.url));
  const href = safeUrl(article.url, view.base);
  const page = href && link(href, say("open_tab"), icon("out", 14));
  sheet.show(h("p", { class: "sheet-lead" }, article.topic), body, ...related(view, say, sheet, article), page ? h("p", { class: "sheet-foot" }, page) : "");
  markSentence(body, sentence)?.scrollIntoView({ block: "center" });
}

function related(view, say, sheet, { related: others, locale }) {
  if (!others.length) return [];
  const open = (other) => {
    sheet.retitle(other.title);
    show(view, say, sheet, { ...other, locale });
  };
  const items = others.map((other) => h("li", {}, h("button", { type: "button", class: "offer", lang: locale, on: { click: () => open(other) } }, icon("page", 18), h("span", {}, other.title))));
  return [h("h4", { class: "sheet-title" }, say("related")), h("ul", { class: "offers" }, ...items)];
}
