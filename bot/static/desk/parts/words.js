// What advisors say: suggestions and articles, pages to propose, canned replies, the language of a draft, wishes for articles.

import "./words-actions.js";
import "./words-canned.js";
import "./words-guards.js";
import "./words-suggestions.js";
import "./words-wishes.js";
import { extend } from "../extensions.js";

const SETTLED_MS = 900;
let timer = 0;

/** The card follows what is said: read again once the customer has paused, or an article went out, or was judged. */
function follow(frame, store) {
  const moves = frame.type === "feedback" || frame.message?.author === "customer" || frame.message?.kind === "answer";
  if (!moves || frame.conversation_id !== store.selected?.conversation_id) return;
  clearTimeout(timer);
  const { handoff_id } = store.selected;
  timer = setTimeout(() => store.selected?.handoff_id === handoff_id && store.loadContext(handoff_id), SETTLED_MS);
}

extend("frames", { type: "message", hear: follow });
extend("frames", { type: "feedback", hear: follow });
