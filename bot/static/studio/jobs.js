// Long work of the knowledge base, looked at until it is over.

const LOOK_EVERY_MS = 450;
const MAY_MISS = 20;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * What the job at `path` says once it has ended, null when `isWanted()` no longer holds. `step(told)`: at each look.
 * A line that drops for a moment is no end of it.
 */
export async function ended(api, path, isWanted, step) {
  let missed = 0;
  for (;;) {
    const told = await api.get(path).catch((error) => {
      missed += 1;
      if (!error.retryable || missed > MAY_MISS) throw error;
      return { state: "running" };
    });
    if (!isWanted()) return null;
    if (told.state !== "running") return told;
    step(told);
    await wait(LOOK_EVERY_MS);
  }
}
