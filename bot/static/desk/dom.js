// Small helpers around the DOM. Text always goes in as text nodes: nothing a customer wrote is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. `props`: `class`, `on` (listeners), `data` (dataset), `prop` (JS properties); anything else is an
 * attribute (`true` → empty attribute; `false`, `null`, `undefined` → absent). Children: nodes, strings, lists, falsy (skipped).
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}

function setProp(node, name, value) {
  if (value === false || value === null || value === undefined) return;
  if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "prop") Object.assign(node, value);
  else node.setAttribute(name, value === true ? "" : value);
}

const ICONS = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  shield: "M12 3l7 2.7v5.6c0 4.4-3 7.9-7 9.7-4-1.8-7-5.3-7-9.7V5.7L12 3zM9 12l2.2 2.2L15.2 10",
  user: "M12 12a4 4 0 100-8 4 4 0 000 8zM4.5 20.5c.8-3.7 3.8-5.5 7.5-5.5s6.7 1.8 7.5 5.5",
  question: "M9.2 9.2a2.9 2.9 0 115.2 1.9c-.9 1-2.4 1.5-2.4 3.2M12 17.8v.1",
  chat: "M5 5h14a1.5 1.5 0 011.5 1.5v9A1.5 1.5 0 0119 17h-7l-4.5 3.5V17H5a1.5 1.5 0 01-1.5-1.5v-9A1.5 1.5 0 015 5z",
  plane: "M20.5 4L3.5 11l6 2.3L12 20l8.5-16zM9.5 13.3L20.5 4",
  phone: "M6.2 3.8l2.6-.3 1.9 4.3-2 1.6a12 12 0 005.9 5.9l1.6-2 4.3 1.9-.3 2.6a2 2 0 01-2 1.8C10.7 19 5 13.3 4.4 5.8a2 2 0 011.8-2z",
  send: "M12 19V5M6 11l6-6 6 6",
  back: "M15 5l-7 7 7 7",
  down: "M6 9l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  card: "M4 5.5h16v13H4zM9.5 5.5v13M13 9.5h4M13 13h4",
  sun: "M12 16a4 4 0 100-8 4 4 0 000 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 019.5 4 8.5 8.5 0 1020 14.5z",
  keyboard: "M3.5 6.5h17v11h-17zM7 10h.1M10.5 10h.1M14 10h.1M17 10h.1M8 14h8",
  out: "M10 4.5H5.5v15H10M15 8l4 4-4 4M19 12H9.5",
  bot: "M5 9.5h14v9H5zM12 9.5V6M12 5.5v.1M9.3 13.5v.8M14.7 13.5v.8",
  book: "M5 4.5h5.5a1.5 1.5 0 011.5 1.5v14c-.8-.9-1.5-1.2-2.5-1.2H5zM19 4.5h-5.5A1.5 1.5 0 0012 6v14c.8-.9 1.5-1.2 2.5-1.2H19z",
  box: "M4 8l8-4 8 4v8.5l-8 4-8-4zM4 8l8 4 8-4M12 12v8.5",
  clock: "M12 20.5a8.5 8.5 0 100-17 8.5 8.5 0 000 17zM12 7.5V12l3 2",
  flag: "M6 20.5V4.5h11l-2 4 2 4H6",
  clip: "M19.5 11.5l-7.6 7.6a4.6 4.6 0 01-6.5-6.5l8-8a3.1 3.1 0 014.4 4.4l-7.9 7.9a1.5 1.5 0 01-2.2-2.2l7.2-7.1",
  insert: "M4.5 6.5h15M4.5 11h8M4.5 15.5h6M17.5 12v7M14 15.5h7",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 017 0v3",
  alert: "M12 4l9 15.5H3zM12 10v4.5M12 17v.1",
  dots: "M6 12h.1M12 12h.1M18 12h.1",
  bell: "M6.5 16.5V11a5.5 5.5 0 0111 0v5.5l1.5 2H5zM10 20.5h4",
  bellOff: "M6.5 16.5V11a5.5 5.5 0 0111 0v5.5l1.5 2H5zM10 20.5h4M4 4l16 16",
  search: "M10.5 17a6.5 6.5 0 100-13 6.5 6.5 0 000 13zM15.5 15.5L20 20",
  people: "M9 11.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 19.5c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5M16 5a3.3 3.3 0 010 6.3M18 14.8c1.9.7 3.1 2.3 3.5 4.7",
  sliders: "M5 7h8M17 7h2M5 12h2M11 12h8M5 17h9M18 17h1M15 5v4M9 10v4M16 15v4",
  list: "M5 6.5h.1M5 12h.1M5 17.5h.1M9 6.5h10M9 12h10M9 17.5h10",
  plug: "M9 4v4M15 4v4M7 8h10v3a5 5 0 01-10 0zM12 16v4.5",
  at: "M12 15.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM15.5 8.5v4.7a2.4 2.4 0 004.8 0V12a8.3 8.3 0 10-3.4 6.7",
  plus: "M12 5v14M5 12h14",
  pen: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  tag: "M4.5 4.5h7l8 8-7 7-8-8zM8.5 8.5v.1",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 14.5a2.5 2.5 0 100-5 2.5 2.5 0 000 5z",
  swap: "M4 8.5h14l-4-4M20 15.5H6l4 4",
  mail: "M4 6h16v12H4zM4 7l8 6 8-6",
  trash: "M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  pulse: "M3 12.5h4l3-8 4 15 3-7h4",
  branch: "M6 20V4M6 14.5h7a4 4 0 004-4v-5M14.5 8L17 5.5 19.5 8",
  link: "M10 14a4 4 0 005.7 0l3-3A4 4 0 0013 5.3l-1 1M14 10a4 4 0 00-5.7 0l-3 3A4 4 0 0011 18.7l1-1",
};

/** A decorative line icon; the name beside it, or the button's label, speaks for it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? ICONS.dots);
  svg.append(path);
  return svg;
}

const blockOf = new WeakMap();

/**
 * Bring `parent`'s children level with `blocks` ([{key, signature, make}]), keeping the nodes whose signature did not
 * change: focus, selection and scroll survive an update. Only children made here are touched.
 */
export function reconcile(parent, blocks) {
  const old = new Map();
  for (const node of parent.children) if (blockOf.has(node)) old.set(blockOf.get(node).key, node);
  const wanted = blocks.map((block) => {
    const node = old.get(block.key);
    if (node && blockOf.get(node).signature === block.signature) return node;
    const fresh = block.make();
    blockOf.set(fresh, { key: block.key, signature: block.signature });
    return fresh;
  });
  const keep = new Set(wanted);
  for (const node of old.values()) if (!keep.has(node)) node.remove();
  let cursor = parent.firstElementChild;
  for (const node of wanted) {
    if (node === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
}

const URL_PATTERN = /\bhttps?:\/\/[^\s<>"'«»]+/g;

/** Text with its web addresses as anchors (http and https alone); everything else stays text. */
export function linkified(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(URL_PATTERN)) {
    const address = match[0].replace(/[.,;:!?)\]…]+$/, "");
    parts.push(text.slice(end, match.index), externalLink(address, address));
    end = match.index + address.length;
  }
  parts.push(text.slice(end));
  return parts;
}

/** A link to another page in a new tab; an address that is not http(s) or a path of ours becomes plain text. */
export function externalLink(address, label, props = {}) {
  const safe = typeof address === "string" && (/^https?:\/\//i.test(address) || /^\/(?!\/)/.test(address));
  if (!safe) return h("span", props, label);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", ...props }, label);
}

/** A random id also on plain http, where `crypto.randomUUID` is missing. */
export function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
