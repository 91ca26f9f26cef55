// What this browser remembers between visits. Storage can be refused (private windows, policies): then nothing is kept.

/** The value kept under `key`, or `otherwise`. */
export function remembered(key, otherwise = null) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keep `value` (anything JSON can say) under `key`. */
export function remember(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // It lasts as long as the page then.
  }
}
