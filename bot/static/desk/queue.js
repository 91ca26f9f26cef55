// First column: my conversations, the queue, and what colleagues have taken.

import { h, icon, reconcile } from "./dom.js";
import { DeskElement } from "./element.js";
import { extensions, signatures } from "./extensions.js";
import { time } from "./format.js";
import { label, locale, plural, t } from "./i18n.js";
import { assuranceBadge, channelMark, countdown, customerName, languageMark, waitingTime } from "./parts.js";

class DeskQueue extends DeskElement {
  render() {
    this.offered = section("offered");
    this.mine = section("mine");
    this.waiting = section("waiting");
    this.asleep = folded("asleep");
    this.watched = folded("watched");
    this.others = h("details", { class: "queue-others" }, h("summary", {}, t("queue.others"), h("span", { class: "count" })), h("ul", { class: "queue-list" }));
    this.nav = h("nav", { class: "queue", "aria-label": t("queue.label") }, this.offered.node, this.mine.node, this.watched, this.waiting.node, this.asleep, this.others);
    this.replaceChildren(this.nav);
    this.nav.addEventListener("keydown", (event) => this.#onArrow(event));
    this.listen(this.store, "handoffs typing", () => this.update());
    this.update();
  }

  update() {
    const focused = this.contains(document.activeElement) && document.activeElement.dataset.handoff;
    this.#lists();
    // An item that changed is a new node: the focus goes on where it was.
    if (focused && !this.contains(document.activeElement)) this.querySelector(`[data-handoff="${CSS.escape(focused)}"]`)?.focus();
  }

  #lists() {
    const { mine, offered, others, loaded } = this.store;
    const waiting = this.store.waiting.filter((item) => !offered.includes(item));
    this.#fill(this.offered, offered, null);
    this.offered.node.hidden = !offered.length;
    this.#fill(this.mine, mine, loaded && !mine.length ? this.#noneMine(waiting.length + offered.length) : null);
    this.#fill(this.waiting, waiting, loaded ? (waiting.length || offered.length ? null : noneWaiting()) : h("p", { class: "queue-hint" }, t("queue.loading")));
    const watched = others.filter((item) => this.store.partIn(item));
    this.#fold(this.watched, watched);
    this.#fold(this.asleep, this.store.asleep);
    this.#fold(this.others, others.filter((item) => !watched.includes(item)));
  }

  #fold(node, items) {
    node.hidden = !items.length;
    node.querySelector(".count").textContent = items.length;
    reconcile(node.querySelector("ul"), items.map((item) => this.#block(item)));
  }

  /** Move the selection by `step` places through everything listed, and the focus with it. */
  move(step) {
    const links = [...this.querySelectorAll("a.queue-item")].filter((link) => link.checkVisibility());
    const at = links.findIndex((link) => link.getAttribute("aria-current") === "true");
    const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step))];
    if (!next) return;
    location.replace(next.hash);
    next.focus();
  }

  focusCurrent() {
    (this.querySelector("a[aria-current]") ?? this.querySelector("a.queue-item"))?.focus();
  }

  #onArrow(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches("a.queue-item")) return;
    event.preventDefault();
    this.move(step);
  }

  #fill({ count, list, note }, items, empty) {
    count.textContent = items.length || "";
    reconcile(list, items.map((item) => this.#block(item)));
    for (const item of items) {
      const clock = list.querySelector(`[data-handoff="${CSS.escape(item.handoff_id)}"] time[data-since]`);
      if (clock) clock.dataset.since = String(item.since);
    }
    note.replaceChildren(...(empty ? [empty] : []));
  }

  #noneMine(waiting) {
    return h("p", { class: "queue-hint" }, t(waiting ? "queue.mine.empty" : "queue.mine.none"));
  }

  #block(item) {
    const current = item.handoff_id === this.store.selected?.handoff_id;
    const unread = !current && this.store.isUnread(item);
    const typing = this.store.isTyping(item.conversation_id);
    const { since, until, waiting_seconds: _, last_seq: __, ...rest } = item;
    const offered = this.store.offered.includes(item);
    return {
      key: item.handoff_id,
      signature: JSON.stringify([rest, current, unread, typing, offered, locale(), signatures("rowMarks", item, this.store)]),
      make: () => h("li", {}, this.#link(item, { current, unread, typing, offered })),
    };
  }

  #link(item, { current, unread, typing, offered }) {
    const link = h("a", { class: "queue-item", href: `#/handoffs/${encodeURIComponent(item.handoff_id)}`, "aria-current": current && "true", data: { handoff: item.handoff_id } });
    link.append(
      h("span", { class: "queue-top" },
        unread && h("span", { class: "dot" }, h("span", { class: "visually-hidden" }, t("queue.unread"))),
        h("span", { class: "queue-name" }, customerName(item)),
        urgent(item) && h("span", { class: "queue-flag", title: t("queue.priority") }, icon("flag"), h("span", { class: "visually-hidden" }, t("queue.priority"))),
        h("span", { class: "queue-when" }, offered ? [h("span", { class: "visually-hidden" }, t("queue.left")), countdown(item.until)] : when(item))),
      h("span", { class: "queue-why" }, [label("reason", item.reason), label("topic", item.topic)].filter(Boolean).join(" · ")),
      typing ? h("span", { class: "queue-summary queue-typing" }, t("queue.typing")) : item.summary && h("span", { class: "queue-summary" }, gist(item.summary)),
      h("span", { class: "queue-marks" }, assuranceBadge(item.assurance), channelMark(item.channel), languageMark(item.locale), callMark(item), offerMark(item, offered),
        extensions("rowMarks").map((mark) => mark.make(item, this.store))),
    );
    return link;
  }
}

/** What one looks on at stands open, what sleeps does not. */
function folded(name) {
  return h("details", { class: `queue-others queue-${name}`, open: name === "watched", hidden: true }, h("summary", {}, t(`queue.${name}`), h("span", { class: "count" })), h("ul", { class: "queue-list" }));
}

function section(name) {
  const heading = h("h2", { class: "queue-heading", id: `queue-${name}` }, t(`queue.${name}`));
  const count = h("span", { class: "count" });
  const list = h("ul", { class: "queue-list", "aria-labelledby": `queue-${name}` });
  const note = h("div", {});
  return { node: h("section", {}, h("div", { class: "queue-head" }, heading, count), list, note), count, list, note };
}

function noneWaiting() {
  return h("div", { class: "queue-empty" }, icon("check"), h("p", { class: "queue-empty-title" }, t("queue.empty.title")), h("p", {}, t("queue.empty.text")));
}

function when(item) {
  if (item.status !== "accepted") return [h("span", { class: "visually-hidden" }, t("queue.since")), waitingTime(item.since)];
  return item.advisor && item.advisor.name ? h("span", { class: "queue-time" }, time(item.requested_at)) : null;
}

function callMark(item) {
  const mode = item.contact?.mode ?? item.contact;
  if (mode !== "call_now" && mode !== "call_at") return null;
  return h("span", { class: "badge badge--info" }, icon("phone"), t(`contact.${mode}`));
}

function offerMark(item, offered) {
  if (item.status !== "offered" || offered) return null;
  return h("span", { class: "mark" }, t("queue.offered.other"));
}

const URGENT_FROM = 20;
const urgent = (item) => item.priority >= URGENT_FROM;

/** The customer's own words out of the summary's first line, whose reason is shown just above it; or that line. */
function gist(summary) {
  const [first] = summary.split("\n");
  return first.match(/.* · [^«“·]*[«“]\s*(.+?)\s*[»”]$/)?.[1] ?? first.match(/[«“]\s*(.+?)\s*[»”]$/)?.[1] ?? first;
}

/** The words for a screen reader when somebody joins the queue. */
export function arrivalText(items) {
  if (items.length > 1) return plural("announce.arrivals", items.length);
  return t("announce.arrival", { name: customerName(items[0]), reason: label("reason", items[0].reason) });
}

/** The words for a screen reader when somebody is offered to this advisor. */
export function offerText(items) {
  return t("announce.offer", { name: items.map(customerName).join(", ") });
}

customElements.define("desk-queue", DeskQueue);
