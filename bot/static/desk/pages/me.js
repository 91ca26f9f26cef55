// One's own account: name and languages, password, and where one is signed in.

import { confirmed, field } from "../dialog.js";
import { h, icon } from "../dom.js";
import { dateTime } from "../format.js";
import { t } from "../i18n.js";
import { action, board, checks } from "./kit.js";

const LOOK_EVERY_MS = 60_000;

export default function page({ api, me, say }) {
  const made = board({
    name: "me", say, everyMs: LOOK_EVERY_MS,
    read: () => api.get("/sessions"),
    blocks: ({ sessions }) => [
      { key: "profile", signature: "", make: () => section("me.profile", profile(api, me, say)) },
      { key: "password", signature: "", make: () => section("me.password", password(api, say, () => made.board.load())) },
      { key: "sessions", signature: JSON.stringify(sessions), make: () => section("me.sessions", list(sessions)) },
    ],
  });
  const end = async (path, words) => {
    if (!(await confirmed(words, t("me.end_sure"), words))) return;
    await made.board.run(() => api.delete(path), "me.ended");
    await made.board.load();
  };
  const list = (sessions) => [
    h("ul", { class: "sessions" }, sessions.map((one) => h("li", { class: "session" },
      h("div", {}, h("strong", {}, one.agent || t("me.unknown_agent")), one.current && h("span", { class: "badge badge--good" }, t("me.this_one")), h("div", { class: "small" }, [one.address, t("me.since", { when: dateTime(one.created_at) }), t("me.last_seen", { when: dateTime(one.last_seen_at) })].filter(Boolean).join(" · "))),
      !one.current && action(t("me.end"), one.agent, () => end(`/sessions/${one.id}`, t("me.end")))))),
    sessions.length > 1 && h("button", { class: "button", type: "button", on: { click: () => end("/sessions", t("me.end_others")) } }, icon("out"), t("me.end_others")),
  ];
  return made.root;
}

const section = (title, ...content) => h("section", { class: "page-section" }, h("h2", {}, t(title)), content);

/** A form that says at its foot what was refused. `send(form)` does it; `done` is said when it went well. */
function form(fields, words, say, done, send) {
  const error = h("p", { class: "dialog-error", role: "alert" });
  const button = h("button", { class: "button button--primary", type: "submit" }, words);
  const node = h("form", { class: "form", novalidate: true }, fields, error, h("div", {}, button));
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    button.disabled = true;
    try {
      await send(new FormData(node), node);
      say(done);
    } catch (failure) {
      error.textContent = failure.message;
    } finally {
      button.disabled = false;
    }
  });
  return node;
}

function profile(api, me, say) {
  const name = h("input", { class: "input", name: "name", maxlength: "60", autocomplete: "name", value: me.name });
  const languages = checks(t("team.column.languages"), "locales", ["fr", "en"].map((code) => [code, t(`language.${code}`)]), me.locales);
  return form([field(t("me.name"), name), languages], t("team.save"), say, "team.saved", async (given) => {
    const { user } = await api.put("/me", { name: given.get("name"), locales: given.getAll("locales") });
    Object.assign(me, user);
  });
}

function password(api, say, after) {
  const input = (name, autocomplete) => h("input", { class: "input", type: "password", name, autocomplete, maxlength: "200", required: true });
  const user = h("input", { class: "visually-hidden", type: "text", autocomplete: "username", tabindex: "-1", "aria-hidden": "true" });
  const fields = [user, field(t("me.current"), input("current", "current-password")), field(t("me.new"), input("new", "new-password"), t("me.rules")), field(t("me.again"), input("again", "new-password"))];
  return form(fields, t("me.change"), say, "me.changed", async (given, node) => {
    if (given.get("new") !== given.get("again")) throw new Error(t("me.differs"));
    await api.put("/me/password", { current: given.get("current"), new: given.get("new") });
    node.reset();
    await after();
  });
}
