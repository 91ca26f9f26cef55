// What the widget keeps in the browser, apart for each Relais service. Private windows and full disks may refuse
// storage: then it is kept for this page only.

export class Store {
  #prefix;
  #memory = new Map();

  constructor(base) {
    this.#prefix = `relais:${base}:`;
  }

  read(key) {
    try {
      return JSON.parse(localStorage.getItem(this.#prefix + key)) ?? this.#memory.get(key) ?? null;
    } catch {
      return this.#memory.get(key) ?? null;
    }
  }

  write(key, value) {
    try {
      localStorage.setItem(this.#prefix + key, JSON.stringify(value));
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, value);
    }
  }

  remove(key) {
    this.#memory.delete(key);
    try {
      localStorage.removeItem(this.#prefix + key);
    } catch {
      // Nothing was stored, then.
    }
  }

  /** The values of all keys that begin with `start`. */
  list(start) {
    const keys = new Set([...this.#memory.keys()].filter((key) => key.startsWith(start)));
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(this.#prefix + start)) keys.add(key.slice(this.#prefix.length));
      }
    } catch {
      // Memory is all there is.
    }
    return [...keys].map((key) => this.read(key)).filter(Boolean);
  }

  /** Calls `listener` when another tab changes `key`. */
  watch(key, listener, signal) {
    const heard = (event) => event.key === this.#prefix + key && listener(this.read(key));
    addEventListener("storage", heard, { signal });
  }
}
