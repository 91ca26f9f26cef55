// Calls of the public API. Every failure is an ApiError; status 0 means that no answer came.

const TIMEOUT_MS = 20000;
const UPLOAD_MS = 180000;

export class ApiError extends Error {
  constructor(status, code, message, retryAfter = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed later. */
  get transient() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export class Api {
  constructor(base, locale) {
    this.base = base;
    this.locale = locale;
  }

  /** `body`: an object, or a form; `as`: "json" or "blob"; `cache`: what a browser may do. */
  async call(method, path, { token, body, as = "json", cache = "no-store" } = {}) {
    const isForm = body instanceof FormData;
    const headers = { "Accept-Language": this.locale };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(new URL(`api/v1/${path}`, this.base), {
        method,
        headers,
        body: body === undefined || isForm ? body : JSON.stringify(body),
        cache,
        credentials: "omit",
        signal: AbortSignal.timeout(isForm ? UPLOAD_MS : TIMEOUT_MS),
      });
      if (response.ok && as === "blob") return await response.blob();
    } catch {
      throw new ApiError(0, "network", "");
    }
    const data = await response.json().catch(() => null);
    if (response.ok) return data ?? {};
    const retryAfter = Number(response.headers.get("Retry-After")) || null;
    throw new ApiError(response.status, data?.error?.code ?? "unexpected", data?.error?.message ?? "", retryAfter);
  }

  socketUrl(path) {
    const url = new URL(`api/v1/${path}`, this.base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url;
  }
}
