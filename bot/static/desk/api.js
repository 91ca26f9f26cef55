// The desk's door: JSON (or a form with a file) over the session cookie, with the CSRF token on every unsafe call.

import { locale, t } from "./i18n.js";

const DESK = "/api/v1/desk";
const TIMEOUT_MS = 15_000;
const FILE_TIMEOUT_MS = 180_000; // megabytes over a slow line

/** A refused or failed call; `body`: all that was answered. `retryable`: the same call may pass later; otherwise repeating it is useless. */
export class ApiError extends Error {
  constructor(status, { code = "unknown", message = "", name = "", field = "" } = {}, body = null) {
    super(message || t("error.network"));
    this.status = status;
    this.code = code;
    this.person = name;
    this.field = field;
    this.body = body;
    this.retryable = status === 0 || status === 429 || status >= 500;
  }
}

export class DeskApi {
  /** True while the page is being left: what is sent then outlives it. */
  leaving = false;
  #csrf;
  #root;

  /** `onSignedOut` is called when the session is over (401), whichever call found out. `root`: the door that is meant. */
  constructor(csrf, onSignedOut, root = DESK) {
    this.#csrf = csrf;
    this.#root = root;
    this.onSignedOut = onSignedOut;
  }

  get(path) {
    return this.#call("GET", this.#root + path);
  }

  post(path, body = {}) {
    return this.#call("POST", this.#root + path, body);
  }

  put(path, body = {}) {
    return this.#call("PUT", this.#root + path, body);
  }

  patch(path, body = {}) {
    return this.#call("PATCH", this.#root + path, body);
  }

  delete(path) {
    return this.#call("DELETE", this.#root + path);
  }

  async #call(method, path, body, mayRenew = true) {
    const response = await this.#fetch(method, path, body);
    const data = await response.json().catch(() => null);
    if (response.ok && (data || response.status === 204)) return data ?? {};
    if (response.ok) throw new ApiError(502, { code: "bad_answer" });
    const error = new ApiError(response.status, data?.error, data);
    if (response.status === 401) this.onSignedOut();
    // Signing in again in another tab changes the CSRF token under this one: take the new one, once.
    if (response.status === 403 && error.code.includes("csrf") && mayRenew) {
      this.#csrf = (await this.#call("GET", `${DESK}/me`)).csrf;
      return this.#call(method, path, body, false);
    }
    throw error;
  }

  async #fetch(method, path, body) {
    // Sentences of refusals come in the language that the page is read in.
    const headers = { Accept: "application/json", "Accept-Language": locale() };
    if (method !== "GET") headers["X-CSRF-Token"] = this.#csrf;
    // A form says itself where its parts end.
    const isForm = body instanceof FormData;
    if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
    const options = { method, headers, credentials: "same-origin", signal: AbortSignal.timeout(isForm ? FILE_TIMEOUT_MS : TIMEOUT_MS) };
    if (body !== undefined) options.body = isForm ? body : JSON.stringify(body);
    // Browsers take no more than 64 KB of what outlives its page.
    if (this.leaving && !isForm && (options.body?.length ?? 0) < 20_000) options.keepalive = true;
    try {
      return await fetch(path, options);
    } catch {
      throw new ApiError(0, { code: "network" });
    }
  }
}
