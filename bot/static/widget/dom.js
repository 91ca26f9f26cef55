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
  mail: ["M4 6.500h16v11H4z", "m4 7.500 8 6 8-6"],
  tick: ["m5 12.500 4.500 4.500L19 7.500"],
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

function drawing(paths, size) {
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

/** A face whose mouth bends with `score`, 1 to 5. */
export function face(score) {
  const joy = score - 3;
  const mouth = `M8 ${15.5 - joy * 0.6}Q12 ${15.5 + joy * 2.2} 16 ${15.5 - joy * 0.6}`;
  return drawing(["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M9 9.500v.6M15 9.500v.6", mouth], 30);
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
