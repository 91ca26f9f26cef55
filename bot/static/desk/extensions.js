// What parts add to the desk, by place. A part registers at import (parts/index.js imports them all); nobody else knows it.

const byPlace = { actions: [], composer: [], guards: [], strips: [], messages: [], card: [], tries: [], rowMarks: [], keys: [], frames: [] };

/**
 * Add to the desk. Places, and what an entry of each holds (all but keys and frames have `name` and `order`):
 * - `actions`: the ⋯ menu of a conversation: `{icon, label(item), when(store, item, mode), run(store, item, element), key?}`
 * - `composer`: the toolbar above the reply box: `{make(store, item, composer)}`
 * - `guards`: before a reply leaves: `{holds(store, item, text, composer)}`; true keeps it in the box, and the part says why
 * - `messages`: beneath a message: `{make(message, store, item), signature?(message, store, item)}`; make may return null
 * - `strips`: between head and messages: `{make(store, item, context, mode), signature(store, item, context, mode)}`;
 *   make may return null, and is called again when the signature changes
 * - `card`: sections of the third column: `{make(context, store, mine, item), signature?(store, item)}`
 * - `tries`: beneath a task in the card's “tried”: `{make(task, index, store, item, mine)}`, index in `tasks_tried`
 * - `rowMarks`: small marks in a queue row: `{make(item, store), signature?(item, store)}`
 * - `keys`: `{key, label(), run(store), keys?}`, `keys` are those of its row under `?` (none: no row of its own)
 * - `frames`: `{type, hear(frame, store)}` for live frames of the part's own
 */
export function extend(place, entry) {
  byPlace[place].push(entry);
  byPlace[place].sort((one, other) => (one.order ?? 0) - (other.order ?? 0));
}

/** Everything added to a place, in order. */
export const extensions = (place) => byPlace[place];

/** What `place` shows now, to be compared: an entry without a signature of its own depends on its arguments alone. */
export const signatures = (place, ...args) => byPlace[place].map((entry) => entry.signature?.(...args) ?? "");
