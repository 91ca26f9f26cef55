// Canned replies, both languages side by side: added, changed and taken away by supervisors.

import { confirmed, field, openDialog } from "../dialog.js";
import { h, icon } from "../dom.js";
import { date } from "../format.js";
import { label, LANGUAGES, locale, t } from "../i18n.js";
import { TOKEN, matching, valuesOf } from "../parts/words-canned.js";

const TOPICS = ["delivery", "orders", "returns", "refunds", "damaged", "guarantee", "payment", "account", "loyalty", "promotions", "products", "shops", "business", "contact"];

export default function page({ api, me, say }) {
  const root = h("div", { class: "page-inside" });
  const list = h("div", { class: "reply-list" });
  const filter = h("input", { class: "input reply-filter", type: "search", "aria-label": t("replies.filter"), placeholder: t("replies.filter"), on: { input: () => draw() } });
  const state = { known: null };
  const draw = () => list.replaceChildren(...rows(state.known, filter.value, actions));
  const load = async () => {
    try {
      state.known = await api.get("/replies");
      draw();
    } catch (error) {
      list.replaceChildren(h("p", { class: "page-error", role: "alert" }, error.message || t("page.failed")));
    }
  };
  const actions = {
    edit: async (reply) => {
      if (!state.known || !(await edit(api, me, state.known, reply))) return;
      say("replies.saved");
      await load();
      list.querySelector(`[data-reply="${CSS.escape(reply?.id ?? "")}"] button`)?.focus();
    },
    remove: async (reply) => {
      if (!(await confirmed(t("replies.delete"), t("replies.delete.sure", { title: reply.title }), t("replies.delete")))) return;
      try {
        await api.delete(`/replies/${encodeURIComponent(reply.id)}`);
        say("replies.deleted");
      } catch (error) {
        say("toast.failed", { reason: error.message }, { bad: true });
      }
      await load();
    },
  };
  const add = h("button", { class: "button button--primary", type: "button", on: { click: () => actions.edit(null) } }, icon("plus"), t("replies.add"));
  root.append(h("div", { class: "page-head" }, h("h1", {}, t("page.replies")), h("div", { class: "page-tools" }, filter, add)), h("p", { class: "page-lead" }, t("replies.lead")), list);
  list.append(h("p", { class: "page-note" }, t("page.loading")));
  load();
  return root;
}

function rows(known, typed, actions) {
  if (!known) return [h("p", { class: "page-note" }, t("page.loading"))];
  if (!known.replies.length) return [h("div", { class: "empty" }, icon("insert"), h("p", { class: "empty-title" }, t("replies.empty")), h("p", {}, t("replies.empty.how")))];
  const found = matching(known.replies, typed);
  return found.length ? found.map((reply) => row(reply, known, actions)) : [h("p", { class: "page-note", role: "status" }, t("replies.none"))];
}

function row(reply, known, actions) {
  const { shortcut } = reply;
  const when = date(reply.updated_at);
  const press = (name, run) => h("button", { class: "button button--small", type: "button", "aria-label": t(`replies.${name}.label`, { shortcut }), on: { click: run } }, t(`replies.${name}`));
  return h("article", { class: "reply-row", data: { reply: reply.id } },
    h("div", {},
      h("h2", {}, reply.title), h("p", {}, h("code", {}, `/${shortcut}`)),
      h("p", { class: "reply-small" }, label("topic", reply.topic)),
      h("p", { class: "reply-small" }, reply.updated_by ? t("replies.by", { name: reply.updated_by, when }) : t("replies.changed", { when }))),
    h("div", { class: "reply-texts" }, known.languages.map((code) => side(reply, code, known)),
      reply.unknown.length > 0 && h("p", { class: "reply-missing" }, icon("alert"), " ", t("replies.unknown", { names: reply.unknown.join(", ") }))),
    h("div", { class: "table-actions" }, press("edit", () => actions.edit(reply)), press("delete", () => actions.remove(reply))));
}

function side(reply, code, known) {
  const text = reply.texts[code];
  const name = h("span", { class: "reply-language" }, label("language", code));
  if (!text) return h("p", { class: "reply-text" }, name, h("span", { class: "reply-missing" }, t("replies.missing", { language: label("inlanguage", code) })));
  return h("p", { class: "reply-text", lang: code }, name, marked(text, known));
}

/** The text with its variables marked; `values` fill them, as in the preview. */
function marked(text, known, values = null) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const wanted = match[1].trim().toLowerCase();
    const key = Object.keys(known.variables).find((each) => known.variables[each].includes(wanted));
    parts.push(text.slice(end, match.index), h("span", { class: `reply-variable${key ? "" : " reply-variable--unknown"}` }, (key && values?.[key]) || match[0]));
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}

/** The form; resolves to whether it was saved. */
async function edit(api, me, known, reply) {
  const sample = { who: { display_name: t("replies.sample.name"), orders: [{ number: "MA-104233" }] } };
  const values = valuesOf(sample, me, known.values);
  const shortcut = h("input", { class: "input", required: true, maxlength: "41", autocomplete: "off", spellcheck: "false", value: reply?.shortcut ?? "" });
  const title = h("input", { class: "input", required: true, maxlength: "120", value: reply?.title ?? "" });
  const topic = h("select", { class: "input" }, h("option", { value: "" }, t("replies.topic.none")), TOPICS.map((code) => h("option", { value: code, selected: code === reply?.topic }, label("topic", code))));
  const sides = known.languages.filter((code) => LANGUAGES.includes(code)).map((code) => languageSide(code, reply, known, values));
  let last = sides[0].area;
  for (const { area } of sides) area.addEventListener("focus", () => (last = area));
  const chips = Object.values(known.variables).map((names) => chip(names, () => last));
  const body = () => ({ shortcut: shortcut.value, title: title.value, topic: topic.value || null, texts: Object.fromEntries(sides.map(({ code, area }) => [code, area.value])) });
  const saved = await openDialog({
    title: t("replies.edit.title"),
    wide: true,
    submit: t("replies.save"),
    body: [
      h("div", { class: "form-row reply-fields" }, field(t("replies.title"), title), field(t("replies.shortcut"), shortcut, t("replies.shortcut.hint")), field(t("replies.topic"), topic)),
      h("div", { class: "reply-variables", role: "group", "aria-label": t("replies.variables") }, chips),
      h("div", { class: "reply-sides" }, sides.map(({ node }) => node)),
    ],
    check: async () => {
      await (reply ? api.put(`/replies/${encodeURIComponent(reply.id)}`, body()) : api.post("/replies", body()));
      return "";
    },
  });
  return saved !== null;
}

function languageSide(code, reply, known, values) {
  const area = h("textarea", { class: "input", rows: "6", maxlength: "4000", lang: code });
  area.value = reply?.texts[code] ?? "";
  const preview = h("p", { class: "reply-preview", lang: code });
  const show = () => preview.replaceChildren(...(area.value.trim() ? marked(area.value, known, values) : [h("span", { class: "reply-missing" }, t("replies.missing", { language: label("inlanguage", code) }))]));
  area.addEventListener("input", show);
  show();
  return { code, area, node: h("div", { class: "form" }, field(t("replies.text", { language: label("inlanguage", code) }), area), h("p", { class: "reply-small" }, t("replies.preview")), preview) };
}

/** Puts a variable where one was writing, in the words of that language. */
function chip(names, areaOf) {
  const insert = () => {
    const area = areaOf();
    const name = area.lang === "en" ? (names[1] ?? names[0]) : names[0];
    area.setRangeText(`{${name}}`, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input"));
    area.focus();
  };
  return h("button", { class: "button button--small", type: "button", on: { click: insert } }, `{${locale() === "en" ? (names[1] ?? names[0]) : names[0]}}`);
}
