// The base of the desk's custom elements: given a store, drawn when connected, every listener gone when removed.

export class DeskElement extends HTMLElement {
  #life = null;

  connectedCallback() {
    this.#life = new AbortController();
    this.render();
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /** Listen until this element leaves the page. */
  listen(target, types, listener) {
    for (const type of types.split(" ")) target.addEventListener(type, listener, { signal: this.#life.signal });
  }

  /** Call every `ms` until this element leaves the page. */
  every(ms, action) {
    const timer = setInterval(action, ms);
    this.#life.signal.addEventListener("abort", () => clearInterval(timer));
  }
}
