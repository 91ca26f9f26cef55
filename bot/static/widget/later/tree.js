// An article's body as the service gives it: nested lists, from which nodes are made. No markup is ever read.
import { h, link, safeUrl } from "../dom.js";

const TAGS = new Set("p h2 h3 h4 ul ol li strong em br hr blockquote code pre table thead tbody tr th td".split(" "));
const PLAIN = /^(mailto|tel):/i;

/** Nodes of `children`; links are made absolute by `base`, a picture is named by its text. */
export function grow(children, base) {
  return children.flatMap((child) => (typeof child === "string" ? [child] : one(child, base)));
}

function one([tag, attributes, ...children], base) {
  const inner = grow(children, base);
  if (tag === "a") return [anchor(attributes.href ?? "", inner, base)];
  if (tag === "img") return attributes.alt ? [h("em", {}, attributes.alt)] : [];
  // Beneath the sheet's own heading.
  const shown = tag === "th" && !inner.length ? "td" : { h2: "h4", h3: "h5", h4: "h6" }[tag] ?? tag;
  if (tag === "table") return [h("div", { class: "wide", tabIndex: 0 }, h("table", {}, ...inner))];
  return TAGS.has(tag) ? [h(shown, attributes.start ? { start: Number(attributes.start) } : {}, ...inner)] : inner;
}

function anchor(address, inner, base) {
  const href = PLAIN.test(address) ? address : safeUrl(address, base);
  return href ? link(href, ...inner) : h("span", {}, ...inner);
}

/** Marks `sentence` where it stands, or the block that holds it; what is to be brought into view, or nothing. */
export function markSentence(root, sentence) {
  const words = (sentence ?? "").trim().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  // However its words are parted: a narrow space here is an ordinary one there.
  const wanted = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s+"));
  const block = [...root.querySelectorAll("p, li, td, blockquote")].findLast((candidate) => wanted.test(candidate.textContent));
  const node = block && [...block.childNodes].find((child) => child.nodeType === Node.TEXT_NODE && wanted.test(child.data));
  if (!node) {
    block?.classList.add("marked");
    return block ?? null;
  }
  const [found] = wanted.exec(node.data);
  const rest = node.splitText(node.data.indexOf(found));
  rest.splitText(found.length);
  const mark = h("mark", {}, found);
  rest.replaceWith(mark);
  return mark;
}
