// The rows of the list as the page holds them.

/** The server's order: the queue's head first. */
export function byPlace(one, other) {
  if (one.queue_at !== other.queue_at) return one.queue_at < other.queue_at ? -1 : 1;
  return one.handoff_id < other.handoff_id ? -1 : 1;
}

/** The server's own count of seconds is anchored to our clock: a wrong clock on the desk changes nothing. */
export function anchored(item, at) {
  const since = at - (item.waiting_seconds ?? 0) * 1000;
  const left = item.offered_until ? Date.parse(item.offered_until) - Date.parse(item.requested_at) : 0;
  return { ...item, since, until: since + left };
}

/** The list as it was read, with the rows (or their absence) that came by another way while it was on its way. */
export function merged(items, newer, at) {
  const rows = items.filter((item) => !newer.has(item.conversation_id)).map((item) => anchored(item, at));
  const since = [...newer.values()].filter(Boolean);
  return since.length ? [...rows, ...since].sort(byPlace) : rows;
}
