// What the customer sent and the service has not confirmed yet: kept in the browser, sent in order, always under the
// same client_message_id, so that the service stores each once.

const MAX_REFUSALS = 5;
const LONGEST_WAIT_MS = 15000;
const REFUSED = ["bad_file", "file_too_large", "message_too_long"];

// randomUUID exists in secure contexts only, and a shop's test server may be plain http.
function newId() {
  return crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Loaded when there is a file; where the browser keeps none, it stays with this page.
const shelf = (act) => import("./later/shelf.js").then(act).catch(() => null);

export class Outbox {
  #store;
  #send;
  #changed;
  #busy = false;
  #wake = null;
  #bringing = null;

  /** `send(item)` delivers one item or throws an ApiError; `changed(error?)` is called when what is shown changed. */
  constructor(store, send, changed) {
    this.#store = store;
    this.#send = send;
    this.#changed = changed;
    const kept = store.list("outbox/").sort((a, b) => a.at - b.at);
    this.items = kept.filter((item) => !item.shelved);
    const files = kept.filter((item) => item.shelved);
    this.#bringing = files.length ? this.#bring(files) : null;
  }

  // The files of an earlier page; one that is gone is not waited for.
  async #bring(files) {
    for (const item of files) {
      item.file = await shelf((kept) => kept.take(item.client_message_id));
      if (item.file) this.items.push(item);
      else this.#store.remove(`outbox/${item.client_message_id}`);
    }
    this.items.sort((a, b) => a.at - b.at);
    this.#bringing = null;
    this.#changed();
  }

  /** Once it is known what waits. */
  async ready() {
    await this.#bringing;
  }

  add(content) {
    const item = { client_message_id: newId(), at: Date.now(), failed: false, ...content };
    this.items.push(item);
    this.#keep(item);
    this.#changed();
    this.flush();
    return item;
  }

  retry(id) {
    const item = this.items.find((candidate) => candidate.client_message_id === id);
    if (!item) return;
    Object.assign(item, { failed: false, error: "" });
    this.#keep(item);
    this.#changed();
    this.flush();
  }

  remove(id) {
    const hasFile = this.items.some((item) => item.client_message_id === id && item.file);
    this.items = this.items.filter((item) => item.client_message_id !== id);
    this.#store.remove(`outbox/${id}`);
    if (hasFile) shelf((kept) => kept.drop(id));
  }

  /** Forgets everything that `doomed(item)` names. */
  drop(doomed) {
    for (const item of this.items.filter(doomed)) this.remove(item.client_message_id);
  }

  /** Whether anything is still to be sent. */
  get waits() {
    return this.#next() !== undefined;
  }

  /** Ends a wait between two tries: the network is back, or a new message was typed. */
  wake() {
    this.#wake?.();
  }

  async flush() {
    this.wake();
    if (this.#busy) return;
    this.#busy = true;
    await this.#bringing;
    let refusals = 0;
    let tries = 0;
    for (let item = this.#next(); item; item = this.#next()) {
      try {
        await this.#send(item);
        this.remove(item.client_message_id);
        refusals = tries = 0;
        this.#changed();
      } catch (error) {
        if (error.status !== 0) refusals += 1;
        if (!error.transient || refusals >= MAX_REFUSALS) {
          this.#fail(item, error);
          refusals = tries = 0;
        } else {
          this.#changed(error);
          await this.#pause(error, tries++);
        }
      }
    }
    this.#busy = false;
  }

  #next() {
    return this.items.find((item) => !item.failed);
  }

  #fail(item, error) {
    // Dropped while it was on its way: its conversation is gone.
    if (!this.items.includes(item)) return;
    Object.assign(item, { failed: true, error: error.message, refused: REFUSED.includes(error.code) });
    this.#keep(item);
    this.#changed();
  }

  // One key for each item: several tabs write here, and none may overwrite another's list.
  #keep(item) {
    if (item.file) this.#shelve(item);
    else this.#store.write(`outbox/${item.client_message_id}`, item);
  }

  // A file is too large for the list: what is written there says that it is kept elsewhere.
  async #shelve({ file, ...item }) {
    const isKept = await shelf((kept) => kept.put(item.client_message_id, file).then(() => true));
    if (!isKept) return;
    if (this.items.some((one) => one.client_message_id === item.client_message_id)) this.#store.write(`outbox/${item.client_message_id}`, { ...item, shelved: true });
    else shelf((kept) => kept.drop(item.client_message_id));
  }

  async #pause({ status, retryAfter }, tries) {
    const wait = retryAfter ? retryAfter * 1000 : Math.min(LONGEST_WAIT_MS, 500 * 2 ** tries) * (0.75 + Math.random() / 2);
    await new Promise((resolve) => {
      // Whoever is asked to slow down is not hurried by the next message.
      if (status !== 429) this.#wake = resolve;
      setTimeout(resolve, wait);
    });
    this.#wake = null;
  }
}
