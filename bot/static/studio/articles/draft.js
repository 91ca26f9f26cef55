// One article in one language, as it is being written: kept by itself, level with what others do to it meanwhile.

import { remember, remembered } from "/static/desk/memory.js";
import { KeptDraft } from "../kept.js";
import { asText, merged } from "./diff.js";

const TEXTS = ["title", "slug", "topic", "answer", "body"];
const LISTS = ["questions", "audience", "related"];
export const FIELDS = ["title", "questions", "answer", "body", "topic", "related", "audience", "review_by", "slug"];

/** As it is read: no line begins with a mark that French sets apart. */
export const unbroken = (text) => text.replace(/ (?=[?!;])/gu, "\u202f").replace(/ (?=[:»])|(?<=«) /gu, "\u00a0");

/** Plain letters, digits and hyphens. */
export const slugOf = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/gu, "").replace(/œ/gu, "oe").toLowerCase().replace(/[^a-z0-9]+/gu, "-").slice(0, 70).replace(/^-+|-+$/gu, "");

const emptyForm = (article_id, locale) => ({ article_id, locale, ...Object.fromEntries(TEXTS.map((name) => [name, ""])), ...Object.fromEntries(LISTS.map((name) => [name, []])), review_by: null });
const copy = (form) => structuredClone(form);
export const sameField = (name, one, other) => asText(one?.[name]) === asText(other?.[name]);
const sameForm = (one, other) => FIELDS.every((name) => sameField(name, one, other));

/**
 * Events: `form` (it changed; detail: `{by: "writer"|"others"|"read"}`), `status`, `merged` (detail: `{fields, who}`),
 * `conflict` (detail: `{theirs, base, fields, who}`; waits for `settle`), `unscheduled` (it goes out at no hour any more).
 */
export class Draft extends KeptDraft {
  /** `owner`: the id of who writes; what a browser keeps of it is theirs alone. */
  constructor(api, article_id, locale, side = null, owner = "") {
    super();
    Object.assign(this, { api, article_id, locale, owner });
    this.read(side);
    const kept = remembered(this.key);
    // What could not be sent before the page was left.
    if (kept?.form && !sameForm(kept.form, this.form)) {
      this.form = kept.form;
      this.revision = kept.revision;
      this.base = kept.base ?? {};
      this.known = kept.known ?? this.known;
      this.touch("writer");
    }
  }

  static keyOf(owner, article_id, locale) {
    return `relais.studio.${owner}.${article_id}.${locale}`;
  }

  get key() {
    return Draft.keyOf(this.owner, this.article_id, this.locale);
  }

  /** Take what the server said of this language (`{published, version, draft, second}`). */
  read(side) {
    this.side = side ?? {};
    const { draft = null, published = null, archived = null, version = null } = this.side;
    this.draft = draft;
    this.published = published;
    this.form = copy(draft?.form ?? published ?? archived ?? emptyForm(this.article_id, this.locale));
    this.form.questions ??= [];
    this.known = copy(this.form);
    // A draft begins from what was read here, whatever goes out before it is first kept.
    this.base = draft ? {} : { base_version: version };
    this.titled = this.form.title;
    this.revision = draft?.revision ?? null;
    this.second = this.side.second ?? null;
    this.be("clean");
    this.tell("form", { by: "read" });
  }

  /** Whether anything is there in this language. */
  get exists() {
    return Boolean(this.draft || this.published || this.side.archived);
  }

  get isEmpty() {
    return sameForm({ ...this.form, topic: "", slug: "", related: [], audience: [] }, emptyForm(this.article_id, this.locale));
  }

  /** As long as nothing is written in this language, it is about what the other one is about, and for the same people. */
  follow(other) {
    const names = ["topic", "audience"].filter((name) => asText(other.form[name]) && !sameField(name, this.form, other.form));
    if (this.exists || !this.isEmpty || !names.length) return;
    for (const name of names) this.form[name] = structuredClone(other.form[name]);
    this.tell("form", { by: "read" });
  }

  set(name, value) {
    if (sameField(name, { [name]: value }, this.form)) return;
    this.form[name] = value;
    // The page's address follows the title until it is online, or somebody gave it one.
    const followed = slugOf(this.titled ?? "");
    if (name === "title" && !this.published && this.form.slug === followed) this.form.slug = slugOf(value);
    if (name === "title") this.titled = value;
    this.touch("writer");
  }

  touch(by) {
    this.tell("form", { by });
    remember(this.key, { form: this.form, revision: this.revision, base: this.base, known: this.known });
    if (this.status === "conflict") {
      // What is typed before it is settled counts as much as what was typed before it came.
      const { started, theirs, who } = this.clash;
      const { form, fields, came } = this.#together(started, theirs);
      Object.assign(this.clash, { form, fields });
      if (!fields.length) this.settle(form, theirs, { fields: came, who });
      return;
    }
    this.changed();
  }

  async send() {
    const sent = copy(this.form);
    this.be("saving");
    try {
      const { draft, problems = [], second = null, unscheduled = false } = await this.api.put(`/drafts/${this.article_id}/${this.locale}`, { form: sent, revision: this.revision, ...this.base });
      this.base = {};
      this.#keep(draft, sent);
      this.second = second;
      // Saving knows nothing of links that lead nowhere.
      const links = (this.checked?.problems ?? []).filter(({ code }) => code === "link_broken");
      this.checked = { ...this.checked, problems: [...problems, ...links] };
      this.tell("problems");
      const isLevel = sameForm(this.form, sent);
      if (isLevel) remember(this.key, null);
      this.be(isLevel ? "saved" : "dirty");
      if (unscheduled) this.tell("unscheduled");
    } catch (error) {
      if (error.status === 409 && error.code === "conflict") return this.meet(error.body);
      this.failed(error);
    }
  }

  #keep(draft, sent) {
    this.draft = draft;
    this.revision = draft?.revision ?? null;
    this.known = copy(sent);
  }

  /** Somebody else saved meanwhile: what does not touch is taken together, the rest is for a person to say. */
  meet({ theirs = null, base = null, published = null }) {
    const other = theirs?.form ?? published?.form ?? base ?? this.known;
    // It may have gone out while it was being written.
    this.published = published?.form ?? this.published;
    // What went out meanwhile is another beginning than the one the draft had.
    const isOut = Boolean(theirs) && !("revision" in theirs);
    const who = nameOf(theirs?.updated_by);
    const started = isOut ? (base ?? emptyForm(this.article_id, this.locale)) : this.known;
    const next = isOut ? { base: { base_version: theirs.version } } : { revision: theirs?.revision ?? null, draft: theirs, base: theirs ? {} : { base_version: published?.version ?? null } };
    const { form, fields, came } = this.#together(started, other);
    // Their text took back the hour that was set for this one: what is told of it is what holds now.
    const isOff = Boolean(theirs && this.draft?.publish_at && !isOut && !theirs.publish_at);
    if (isOff) this.draft = theirs;
    if (fields.length) {
      // Until it is settled, the revision stays the one that was read: nothing goes out over theirs, after a reload neither.
      this.clash = { theirs: other, started, fields, who, form, next, isOff };
      this.be("conflict");
      this.tell("conflict", this.clash);
      return;
    }
    Object.assign(this, next);
    this.settle(form, other, { fields: came, who });
    if (isOff) this.tell("unscheduled");
  }

  /** Mine and `other`, both having begun from `started`: the form they make, the fields where they touch, what came from `other`. */
  #together(started, other) {
    const form = copy(other);
    const fields = [];
    const came = [];
    for (const name of FIELDS) {
      const [was, mine, now] = [started, this.form, other].map((each) => asText(each?.[name]));
      const { text, clash } = merged(was, mine, now);
      if (clash) fields.push(name);
      else form[name] = LISTS.includes(name) ? text.split("\n").filter(Boolean) : name === "review_by" ? text || null : text;
      if (now !== was && mine !== now) came.push({ name, was, now });
      if (clash) form[name] = this.form[name];
    }
    return { form, fields, came };
  }

  /** Go on from `form`, which holds what `theirs` brought; it is saved next. */
  settle(form, theirs, told = null) {
    Object.assign(this, this.clash?.next);
    this.known = copy(theirs);
    this.form = copy(form);
    this.clash = null;
    this.be("dirty");
    this.touch("others");
    if (told) this.tell("merged", told);
  }
}

/** People come as `{name, email}` or as a name. */
export const nameOf = (person) => (typeof person === "string" ? person.replace(/\s*<.*$/u, "") : (person?.name ?? ""));
export const emailOf = (person) => (typeof person === "string" ? (person.match(/<(.*)>/u)?.[1] ?? "") : (person?.email ?? ""));
