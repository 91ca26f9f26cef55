// Small helpers to build DOM. Text only ever enters through text nodes, links only as http(s).

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  chat: ["M4 5.500h16v11h-9l-5 4v-4H4z", "M8 9.500h8M8 12.500h5"],
  close: ["M6 6l12 12M18 6 6 18"],
  send: ["M12 19V5M6 11l6-6 6 6"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.500 20c.7-4 3.600-6 7.500-6s6.800 2 7.500 6"],
  leaf: ["M12 3c5 3.500 7 7.500 7 11a7 7 0 0 1-14 0c0-3.500 2-7.500 7-11z", "M12 21v-9"],
  page: ["M6 3.500h8l4 4v13H6z", "M9 11.500h6M9 15h6"],
  out: ["M9 6h9v9M18 6 7 17"],
  tick: ["m5 12.500 4.500 4.500L19 7.500"],
  ticks: ["m2.500 12.500 4.500 4.500L16.500 7.500", "m12.500 16 1.500 1L22 7.500"],
  more: ["M4.500 12a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0zM11.500 12a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0zM18.500 12a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0z"],
  clip: ["m20 11-8.500 8.500a5 5 0 0 1-7-7L13 4a3.400 3.400 0 0 1 4.800 4.800l-8.300 8.300a1.700 1.700 0 0 1-2.400-2.400L14.500 7"],
  down: ["M12 4v11M7 10.500l5 5 5-5", "M5 19.500h14"],
  back: ["M11 5 4 12l7 7M4 12h16"],
  file: ["M6 3.500h8l4 4v13H6z", "M14 3.500v4h4"],
};

/** An element: properties, `data` and `aria` objects, `on` listeners, `class`; children are nodes or strings. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "aria") for (const [key, said] of Object.entries(value)) node.setAttribute(`aria-${key}`, said);
    else if (name === "on") for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An icon of these paths, `size` pixels wide. */
export function drawing(paths, size) {
  const svg = document.createElementNS(SVG, "svg");
  const set = { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true", class: "icon" };
  for (const [name, value] of Object.entries(set)) svg.setAttribute(name, value);
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

export function icon(name, size = 20) {
  return drawing(PATHS[name], size);
}

/** `address` made absolute, or null when it is not http(s). */
export function safeUrl(address, base) {
  try {
    const url = new URL(address, base);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function link(href, ...children) {
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** Plain text as nodes, its web addresses as links. */
export function linked(text) {
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"'«»]+[^\s<>"'«».,;:!?)\]]/g)) {
    const href = safeUrl(match[0]);
    if (!href) continue;
    parts.push(text.slice(last, match.index), link(href, match[0]));
    last = match.index + match[0].length;
  }
  return [...parts, text.slice(last)].filter((part) => part !== "");
}
