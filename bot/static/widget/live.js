// The live connection: a WebSocket that comes back with growing pauses; while it is away, messages are fetched.

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15000;
const READY_MS = 10000;
const POLL_MS = 3000;
const ECHO_MS = 6000;
export const BAD_TOKEN = 4401;

export class Live {
  #options;
  #socket = null;
  #tries = 0;
  #timer = 0;
  #poll = 0;
  #running = false;
  ready = false;

  /** `url()`, `hello()` → first frame, `frame(data)`, `poll()` → fetch what is missing, `badToken()` → renew it. */
  constructor(options) {
    this.#options = options;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#connect();
  }

  stop() {
    this.#running = false;
    this.ready = false;
    clearTimeout(this.#timer);
    clearInterval(this.#poll);
    this.#poll = 0;
    this.#socket?.close();
    this.#socket = null;
  }

  send(frame) {
    if (this.ready) this.#socket.send(JSON.stringify(frame));
  }

  /** Try again now: the network is back, or the page is looked at again. */
  wake() {
    if (!this.#running || this.#socket) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  /** A living line tells of what was just received: unless `heard()` soon, it is doubted. */
  tells(heard) {
    setTimeout(() => heard() || this.doubt(), ECHO_MS);
  }

  /** What is open may be dead without saying so: another one takes its place, and brings what is missing. */
  doubt() {
    if (!this.#running) return;
    const old = this.#socket;
    this.#socket = null;
    this.ready = false;
    clearTimeout(this.#timer);
    old?.close();
    this.#connect();
  }

  #connect() {
    const socket = new WebSocket(this.#options.url());
    this.#socket = socket;
    const late = setTimeout(() => !this.ready && socket.close(), READY_MS);
    socket.onopen = () => socket.send(JSON.stringify(this.#options.hello()));
    socket.onmessage = ({ data }) => socket === this.#socket && this.#heard(JSON.parse(data));
    socket.onclose = ({ code }) => {
      clearTimeout(late);
      if (socket === this.#socket) this.#lost(code);
    };
  }

  #heard(frame) {
    if (frame.type === "ready") {
      this.ready = true;
      this.#tries = 0;
      clearInterval(this.#poll);
      this.#poll = 0;
    }
    this.#options.frame(frame);
  }

  async #lost(code) {
    this.#socket = null;
    this.ready = false;
    this.#options.frame({ type: "lost" });
    if (code === BAD_TOKEN) await this.#options.badToken();
    if (!this.#running) return;
    // The first return is quick; from then on fetching bridges the gap.
    if (this.#tries > 0 && !this.#poll) this.#poll = setInterval(() => this.#options.poll(), POLL_MS);
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#tries++) * (0.75 + Math.random() / 2);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#running && !this.#socket && this.#connect(), wait);
  }
}
