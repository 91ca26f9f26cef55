// In the ⋯ menu: send the customer a picture or a PDF.

import { field, openDialog } from "../dialog.js";
import { h, randomId } from "../dom.js";
import { extend } from "../extensions.js";
import { t } from "../i18n.js";

const TAKEN = "image/jpeg,image/png,image/webp,application/pdf";

function askForFile(store, item) {
  const id = randomId();
  const input = h("input", { class: "input", name: "file", type: "file", accept: TAKEN, required: true });
  // The platform behind another channel keeps what goes through it.
  const hint = item.channel === "web" ? "files.hint" : "files.hint.public";
  return openDialog({
    title: t("files.title"),
    body: [field(t("files.file"), input, t(hint))],
    submit: t("files.submit"),
    check: async () => {
      if (!input.files.length) return t("files.missing");
      const form = new FormData();
      form.append("client_message_id", id);
      form.append("file", input.files[0]);
      const { message } = await store.api.post(`/conversations/${encodeURIComponent(item.conversation_id)}/files`, form);
      await store.threads.receive(item.conversation_id, message);
      store.emit("written", item.conversation_id);
      return "";
    },
  });
}

extend("actions", { name: "file", order: 45, icon: "clip", label: () => t("files.send"), when: (store, item, mode) => mode === "mine", run: askForFile });
