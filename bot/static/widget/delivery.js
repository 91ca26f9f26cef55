// How one item of the outbox is sent, and from which page.

/** `call(method, path, body)` → the service's answer. */
export function deliver(call, { client_message_id, text, page, choice, file, name }) {
  if (!file) return call("POST", "/messages", choice ? { client_message_id, choice } : { client_message_id, text, page });
  const form = new FormData();
  form.append("client_message_id", client_message_id);
  form.append("file", file, name);
  return call("POST", "/files", form);
}

/** The page that the customer is on. */
export function pageHere() {
  return { url: location.href.split("#")[0], title: document.title };
}
