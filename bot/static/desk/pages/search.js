// Search in all conversations: what was said, by whom and with whom. What is found is read, not answered.

import { field, openDialog } from "../dialog.js";
import { h, icon } from "../dom.js";
import { dateTime } from "../format.js";
import { label, t } from "../i18n.js";
import { threadBlocks } from "../thread.js";

const SHORTEST = 3;
const CHANNELS = ["web", "telegram", "webhook", "api", "phone"];
const OUTCOMES = ["resolved", "unresolved", "callback", "spam", "answered", "unanswered", "handed_off", "cancelled"];

export default function page({ api, me }) {
  const results = h("div", { class: "search-results" });
  const status = h("p", { class: "visually-hidden", role: "status" });
  const form = searchForm(() => look());
  api.get("/tags").then(({ tags }) => form.offer(tags.map((each) => each.tag ?? each)), () => {});
  let asked = 0;
  const look = async (before = "") => {
    const wanted = form.wanted();
    const now = ++asked;
    if (!wanted) return results.replaceChildren(start());
    if (wanted.short) return results.replaceChildren(h("p", { class: "page-note", role: "status" }, t("search.short")));
    try {
      const found = await api.get(`/search?${new URLSearchParams({ ...wanted, ...(before && { before }) })}`);
      if (now === asked) show(found, before);
    } catch (error) {
      if (now === asked) results.replaceChildren(h("p", { class: "page-error", role: "alert" }, error.message || t("page.failed")));
    }
    return null;
  };
  const show = (found, before) => {
    const rows = found.results.map((row) => result(row, () => open(api, me, row)));
    results.querySelector(".search-more")?.remove();
    if (before) results.append(...rows);
    else results.replaceChildren(...(rows.length ? rows : [nothing()]));
    if (before) rows[0]?.focus();
    status.textContent = rows.length ? "" : t("search.empty");
    if (found.next) results.append(h("button", { class: "button search-more", type: "button", on: { click: () => look(found.next) } }, t("search.older")));
  };
  results.append(start());
  queueMicrotask(() => form.input.focus());
  return h("div", { class: "page-inside" },
    h("div", { class: "page-head" }, h("h1", {}, t("page.search"))),
    h("p", { class: "page-lead" }, t(["supervisor", "admin"].includes(me.role) ? "search.lead.all" : "search.lead.desk")),
    form.node, status, results);
}

function searchForm(go) {
  const input = h("input", { class: "input", type: "search", name: "q", maxlength: "200", "aria-label": t("search.words"), placeholder: t("search.words"), autocomplete: "off" });
  const choice = (name, codes, group) => h("select", { class: "input", name, on: { change: go } }, h("option", { value: "" }, t("search.any")), codes.map((code) => h("option", { value: code }, label(group, code))));
  const tags = h("datalist", { id: "search-tags" });
  const tag = h("input", { class: "input", name: "tag", list: "search-tags", maxlength: "40", autocomplete: "off", on: { change: go } });
  const day = (name) => h("input", { class: "input", type: "date", name, on: { change: go } });
  const node = h("form", { class: "search-form", role: "search" },
    h("div", { class: "search-words" }, input, h("button", { class: "button button--primary", type: "submit" }, icon("search"), t("search.go"))),
    h("div", { class: "search-filters" },
      field(t("search.channel"), choice("channel", CHANNELS, "channel")),
      field(t("search.locale"), choice("locale", ["fr", "en"], "language")),
      field(t("search.outcome"), choice("outcome", OUTCOMES, "conversation-outcome")),
      field(t("search.tag"), tag), tags,
      field(t("search.from"), day("from")),
      field(t("search.to"), day("to"))));
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  const wanted = () => {
    const given = Object.fromEntries([...new FormData(node)].map(([name, value]) => [name, String(value).trim()]).filter(([, value]) => value));
    if (!Object.keys(given).length) return null;
    return given.q && given.q.length < SHORTEST ? { short: true } : given;
  };
  const offer = (list) => tags.replaceChildren(...list.map((value) => h("option", { value })));
  return { node, input, wanted, offer };
}

function start() {
  return h("div", { class: "empty" }, icon("search"), h("p", { class: "empty-title" }, t("search.start")), h("p", {}, t("search.start.how")));
}

function nothing() {
  return h("div", { class: "empty" }, icon("search"), h("p", { class: "empty-title" }, t("search.empty")), h("p", {}, t("search.empty.how")));
}

const nameOf = (row) => row.customer_name || t("customer.visitor");

function result(row, run) {
  const facts = [label("channel", row.channel), label("language", row.locale), label("topic", row.topic), label("conversation-outcome", row.outcome), row.reference];
  return h("button", { class: "search-result", type: "button", data: { conversation: row.conversation_id }, on: { click: run } },
    h("span", { class: "search-head" }, h("span", { class: "search-name" }, nameOf(row)), h("span", { class: "search-small" }, facts.filter(Boolean).join(" · ")), h("time", { class: "search-small", datetime: row.updated_at }, dateTime(row.updated_at))),
    row.excerpt && h("span", { class: "search-excerpt" }, h("span", { class: "search-small" }, `${who(row)} `), row.excerpt.parts.map((part) => (part.hit ? h("mark", {}, part.text) : part.text))));
}

function who({ excerpt, customer_name }) {
  const name = excerpt.author === "customer" ? customer_name || t("search.customer") : excerpt.author_name || label("author", excerpt.author);
  return `${excerpt.internal ? `${name}, ${t("search.note")}` : name} –`;
}

async function open(api, me, row) {
  const list = h("ol", { class: "thread" });
  const box = h("div", { class: "search-thread", tabindex: "0", role: "group", "aria-label": t("thread.label") }, list);
  const unfolded = new Set();
  const draw = (messages) => {
    const toggle = (key) => {
      if (!unfolded.delete(key)) unfolded.add(key);
      draw(messages);
      box.querySelector(`[data-group="${CSS.escape(key)}"]`)?.focus();
    };
    const view = { customer: nameOf(row), me: me.name, open: unfolded, store: null, item: null };
    list.replaceChildren(...threadBlocks(messages, [], view, { toggle }).map((block) => block.make()));
  };
  const closed = openDialog({ title: `${nameOf(row)} · ${dateTime(row.updated_at)}`, wide: true, body: [box] });
  try {
    draw((await api.get(`/search/${encodeURIComponent(row.conversation_id)}`)).messages);
    const at = row.excerpt && list.querySelector(`[data-seq="${row.excerpt.seq}"]`);
    (at ?? list.lastElementChild)?.scrollIntoView({ block: "center" });
  } catch (error) {
    list.replaceChildren(h("li", { class: "page-error", role: "alert" }, error.message));
  }
  await closed;
}
