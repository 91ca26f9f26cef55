// The live line: a WebSocket that comes back by itself. Whoever listens catches up by `seq` at every "ready".

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
const READY_WITHIN_MS = 10_000;
const BAD_TOKEN = 4401;

/**
 * Events: `frame` (detail: a server frame), `status` (detail: `{online, retryAt}`; `retryAt` in ms, null while connecting),
 * `refused` (the session is over). `online` is true only after the server's "ready".
 */
export class Live extends EventTarget {
  #socket = null;
  #timer = 0;
  #attempt = 0;
  online = false;
  retryAt = null;

  start() {
    addEventListener("online", () => this.retryNow());
    // The socket of a laptop without a network would look alive for minutes.
    addEventListener("offline", () => this.#socket?.close());
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
    this.#connect();
  }

  /** Skip the rest of the back-off; does nothing while connected or connecting. */
  retryNow() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #connect() {
    this.#status(false, null);
    const address = new URL("/api/v1/desk/live", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    // A socket that opens but never says "ready" (a half-dead proxy) is as good as lost.
    const patience = setTimeout(() => socket.close(), READY_WITHIN_MS);
    socket.addEventListener("message", (event) => {
      const frame = JSON.parse(event.data);
      if (frame.type === "ready") {
        clearTimeout(patience);
        this.#attempt = 0;
        this.#status(true, null);
      }
      this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
    });
    socket.addEventListener("close", (event) => {
      clearTimeout(patience);
      this.#socket = null;
      if (event.code === BAD_TOKEN) this.dispatchEvent(new Event("refused"));
      this.#again();
    });
  }

  #again() {
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    // Jitter, so that a restart of the server does not bring every desk back in the same instant.
    const delay = ceiling / 2 + Math.random() * (ceiling / 2);
    this.#timer = setTimeout(() => this.#connect(), delay);
    this.#status(false, Date.now() + delay);
  }

  #status(online, retryAt) {
    this.online = online;
    this.retryAt = retryAt;
    this.dispatchEvent(new CustomEvent("status", { detail: { online, retryAt } }));
  }
}
