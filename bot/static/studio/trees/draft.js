// One tree as it is being written: kept by itself, each change undone one by one; somebody else's stands until one chooses.

import { remember, remembered } from "/static/desk/memory.js";
import { nameOf } from "../articles/draft.js";
import { KeptDraft } from "../kept.js";
import { emptyTree } from "./form.js";

const MOST_UNDONE = 100;
// The address “new” is no tree's own: what is checked before it is first kept has this id.
const UNNAMED = "tree";
const copy = (form) => structuredClone(form);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * Events: `naming` (before anything is sent), `form` (detail: `{by: "typing"|"structure"|"others"|"read"}`), `status`, `conflict`.
 * `locale` is "": a tree holds all its languages.
 */
export class TreeDraft extends KeptDraft {
  #before = [];
  #mark = "";

  constructor(api, id, whole, owner) {
    super();
    Object.assign(this, { api, id, owner, locale: "", base: {} });
    this.read(whole);
    // What could not be sent before the page was left.
    const kept = remembered(this.key);
    if (!kept?.form || same(kept.form, this.form)) return;
    // What it was written on is what was known then, not what a colleague has kept since.
    Object.assign(this, { form: kept.form, revision: kept.revision, base: kept.base ?? {}, known: kept.known ?? null });
    this.touch("read");
  }

  static keyOf(owner, id) {
    return `relais.studio.${owner}.tree.${id}`;
  }

  get key() {
    return TreeDraft.keyOf(this.owner, this.id);
  }

  get path() {
    return `/trees/${encodeURIComponent(this.id)}/draft`;
  }

  /** Take what the server said of the tree. */
  read(whole) {
    const form = copy(whole?.draft?.form ?? whole?.published ?? whole?.archived ?? emptyTree(this.id === "new" ? UNNAMED : this.id));
    const isOther = !same(form, this.form);
    this.side = whole ?? {};
    const { draft = null, published = null, version = null, second = null } = this.side;
    // A draft begins from what was read here, whatever goes out before it is first kept.
    Object.assign(this, { draft, published, second, revision: draft?.revision ?? null, base: draft ? {} : { base_version: version } });
    if (isOther) this.form = form;
    this.known = copy(form);
    this.be(this.status === "saved" ? "saved" : "clean");
    if (isOther) this.tell("form", { by: "read" });
  }

  /** Change the form. Typing on in one place (`mark`) is undone at once. */
  edit(change, { by = "structure", mark = "" } = {}) {
    const before = copy(this.form);
    change(this.form);
    if (same(before, this.form)) return;
    if (!mark || mark !== this.#mark) this.#before = [...this.#before, before].slice(-MOST_UNDONE);
    this.#mark = mark;
    this.touch(by);
  }

  get canUndo() {
    return this.#before.length > 0;
  }

  undo() {
    if (!this.canUndo) return;
    const { id } = this.form;
    this.form = { ...this.#before.pop(), id };
    this.#mark = "";
    this.touch("structure");
  }

  touch(by) {
    this.tell("form", { by });
    this.#remember();
    if (this.status === "conflict") return;
    this.changed();
  }

  #remember() {
    remember(this.key, { form: this.form, revision: this.revision, base: this.base, known: this.known });
  }

  /** A tree that was never kept gets its name before it is sent. */
  name(id) {
    remember(this.key, null);
    this.id = id;
    this.form.id = id;
    this.#remember();
  }

  async send() {
    this.tell("naming");
    const sent = copy(this.form);
    this.be("saving");
    try {
      const { draft, problems = null, second = null } = await this.api.put(this.path, { form: sent, revision: this.revision, ...this.base });
      Object.assign(this, { draft, second, revision: draft.revision, base: {}, known: sent });
      if (problems) this.problems = problems;
      if (!same(sent, this.form)) return this.be("dirty");
      this.forget();
      return this.be("saved");
    } catch (error) {
      this.error = error;
      if (error.code === "conflict" && error.body) return this.meet(error.body);
      this.failed(error);
    }
  }

  /** Somebody else wrote meanwhile, or it was published. `isOut`: what is online changed; the draft is still mine. */
  meet({ theirs = null, published = null }, isOut = false) {
    const isTheirs = theirs && !isOut;
    const form = isTheirs ? theirs.form : (published?.form ?? this.form);
    const { form: online = null, version = null } = published ?? {};
    const side = { ...this.side, published: online, version, archived: online ? null : (this.side.archived ?? null) };
    const kept = isTheirs ? { draft: theirs, revision: theirs.revision, base: {} } : { ...(isOut ? {} : { draft: null, second: null, revision: null }), base: { base_version: version } };
    const next = { ...kept, side, published: online };
    // It went out as it was kept here, while more was written: that is what goes on.
    if (same(form, this.known)) {
      Object.assign(this, next);
      return this.changed();
    }
    this.clash = { form, who: isTheirs ? nameOf(theirs.updated_by) : "", next };
    this.be("conflict");
    this.tell("conflict");
  }

  /** Go on with theirs or mine; the one not chosen is one undo away. */
  settle(isTheirs) {
    const { form, next } = this.clash;
    this.#before.push(copy(isTheirs ? this.form : form));
    this.#mark = "";
    if (isTheirs) this.form = copy(form);
    Object.assign(this, next, { known: copy(form) });
    this.clash = null;
    this.be("dirty");
    this.touch("others");
  }

  /** Put back what was discarded. */
  async restore({ form, base_version = null }) {
    await this.api.put(this.path, { form, revision: null, base_version });
  }

  /** Nothing here is to be sent any more: the draft was taken away. */
  gone() {
    this.forget();
    this.be("clean");
  }
}
