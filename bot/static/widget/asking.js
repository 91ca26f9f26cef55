// What a customer may ask of the service beside talking: a person, what that person will see, how it went.

/** Needs `ask(method, path, body)`, `catchUp()` and `noteAnswer(messageId, value)` of whoever extends it. */
export class Asking extends EventTarget {
  async askHuman() {
    await this.ask("POST", "/handoff", {});
    await this.catchUp();
  }

  async stopWaiting() {
    await this.ask("DELETE", "/handoff");
    await this.catchUp();
  }

  /** What the advisor will see, after `changes` ([{id, text?, struck?}]) if there are any. */
  slip(changes) {
    return changes ? this.ask("PUT", "/handoff/slip", { lines: changes }) : this.ask("GET", "/handoff/slip");
  }

  async feedback(messageId, helpful) {
    await this.ask("POST", "/feedback", { message_id: messageId, helpful });
    this.noteAnswer(messageId, helpful);
  }

  async rate(messageId, score, comment) {
    await this.ask("POST", "/rating", comment ? { score, comment } : { score });
    this.noteAnswer(messageId, score);
  }
}
