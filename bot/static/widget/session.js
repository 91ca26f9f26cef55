// The conversation that this browser holds: its id and token, kept across page loads, and calls in its name.
import { ApiError } from "./api.js";

/** Whether `error` says that the conversation is gone for good, so that another one has to begin. */
export function isLost(error) {
  return error.code === "unknown_conversation" || error.status === 410;
}

export class Session {
  #api;
  #store;
  #renewing = null;

  constructor(api, store) {
    this.#api = api;
    this.#store = store;
    this.reload();
  }

  get id() {
    return this.kept?.id;
  }

  /** Reads what the browser keeps, which another tab may have changed. */
  reload() {
    this.kept = this.#store.read("conversation");
  }

  keep(changes) {
    this.kept = { ...this.kept, ...changes };
    this.#store.write("conversation", this.kept);
  }

  forget() {
    this.kept = null;
    this.#store.remove("conversation");
  }

  /** Nothing that this browser kept opens it any more, here or in a copy of it. */
  signOut() {
    const { id, token } = this.kept;
    this.#api.call("DELETE", `conversations/${id}/token`, { token }).catch(() => {});
    this.forget();
  }

  /** A new conversation, in the name of `identity` if the service accepts it; gives its first messages and state. */
  async open(body, identity) {
    const create = (proof) => this.#api.call("POST", "conversations", { body: { ...body, ...proof } });
    let subject = identity?.subject ?? null;
    // Signed in again, or on another device: the service gives back the thread that is under way, if there is one.
    const made = await create(identity ? { identity: identity.token, resume: true } : {}).catch((error) => {
      if (!identity || error.status !== 401) throw error;
      subject = null;
      return create({});
    });
    return this.#hold(made, subject);
  }

  /** A new conversation of the same person, beside the one that is kept so far. */
  async next(page) {
    return this.#hold(await this.call("POST", "/next", { page }), this.kept.subject);
  }

  #hold(made, subject) {
    this.kept = null;
    this.keep({ id: made.conversation_id, token: made.token, subject });
    return { messages: made.messages ?? [], state: made.state };
  }

  /** A call of this conversation; a stale token is renewed once. Throws an error that `isLost` when that fails. */
  async call(method, path, body, as) {
    const send = () => this.#api.call(method, `conversations/${this.id}${path}`, { token: this.kept.token, body, as });
    try {
      return await send();
    } catch (error) {
      if (error.status !== 401) throw error;
    }
    await this.renew();
    return send();
  }

  renew() {
    const id = this.id;
    this.#renewing ??= this.#api
      .call("POST", `conversations/${id}/token`, { token: this.kept.token })
      .then(({ token }) => this.id === id && this.keep({ token }))
      .catch((error) => {
        throw error.transient ? error : new ApiError(error.status, "unknown_conversation", error.message);
      })
      .finally(() => (this.#renewing = null));
    return this.#renewing;
  }
}
