// Tells how far the conversation stood before the customer's eyes; only a person cares.

/** A function to call whenever the last message is in view and the page in front. */
export function reader(conversation) {
  let told = 0;
  return () => {
    const { cursor, state } = conversation;
    if (cursor < told) told = 0; // another conversation
    if (state.owner === "bot" || cursor === told) return;
    told = cursor;
    conversation.ask("POST", "/read", { seq: cursor }).catch(() => (told = 0));
  };
}
