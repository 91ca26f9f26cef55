// In the ⋯ menu: propose a page, send a copy of the conversation.

import { field, openDialog } from "../dialog.js";
import { h, randomId } from "../dom.js";
import { extend } from "../extensions.js";
import { t } from "../i18n.js";

const path = (item, tail) => `/conversations/${encodeURIComponent(item.conversation_id)}/${tail}`;

/** Show `what` ({url} or {article_id}) behind a button in the customer's chat. */
export async function pushPage(store, item, what) {
  try {
    await push(store, item, what, randomId());
  } catch (error) {
    store.emit("toast", { key: "toast.failed", variables: { reason: error.message }, bad: true });
  }
}

async function push(store, item, what, id) {
  const { message } = await store.api.post(path(item, "push"), { client_message_id: id, ...what });
  await store.threads.receive(item.conversation_id, message);
  store.emit("written", item.conversation_id);
}

function askForPage(store, item) {
  const id = randomId();
  const input = h("input", { class: "input", name: "url", type: "text", inputmode: "url", required: true, maxlength: "1000", autocomplete: "off", spellcheck: "false" });
  return openDialog({
    title: t("words.push"),
    body: [field(t("words.push.url"), input, t("words.push.hint"))],
    submit: t("words.push.submit"),
    check: async () => {
      if (!input.value.trim()) return t("words.push.missing");
      await push(store, item, { url: input.value.trim() }, id);
      return "";
    },
  });
}

async function askForCopy(store, item) {
  const input = h("input", { class: "input", name: "email", type: "email", maxlength: "254", autocomplete: "off" });
  const proven = store.context(item.handoff_id)?.who?.assurance === "verified";
  let address = "";
  const sent = await openDialog({
    title: t("words.copy"),
    body: [h("p", {}, t("words.copy.text")), field(t("words.copy.email"), input, t(proven ? "words.copy.proven" : "words.copy.typed"))],
    submit: t("words.copy.submit"),
    check: async () => {
      const email = input.value.trim();
      address = (await store.api.post(path(item, "transcript"), email ? { email } : {})).sent_to;
      return "";
    },
  });
  if (sent) store.emit("toast", { key: "words.copy.sent", variables: { address } });
}

extend("actions", { name: "push", order: 40, icon: "link", label: () => t("words.push"), when: (store, item, mode) => mode === "mine", run: askForPage });
extend("actions", { name: "transcript", order: 60, icon: "mail", label: () => t("words.copy"), when: (store, item, mode) => mode === "mine", run: askForCopy });
