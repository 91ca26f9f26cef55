// What every part of the card is made of.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

/** Lists of the context may hold plain strings or small objects; both read the same here. */
export const words = (value) => (typeof value === "string" ? value : (value?.text ?? value?.title ?? value?.question ?? value?.name ?? ""));

/** A titled part of the card; nothing when it has no content. */
export function section(name, ...content) {
  const filled = content.flat(Infinity).filter(Boolean);
  if (!filled.length) return null;
  return h("section", { class: `card-section card-section--${name}`, "aria-labelledby": `card-${name}` }, h("h3", { class: "card-heading", id: `card-${name}` }, t(`card.${name}`)), ...filled);
}

/** The same, folded until asked for. */
export function foldedSection(name, ...content) {
  const filled = content.flat(Infinity).filter(Boolean);
  if (!filled.length) return null;
  return h("details", { class: "card-section card-fold" }, h("summary", { class: "card-heading" }, t(`card.${name}`), icon("down")), ...filled);
}
