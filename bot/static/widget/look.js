// How the company wants its chat to look: service.yml, over which the page's own attributes and properties win.
import { fetchFile } from "./i18n.js";

/** The sheet of a file of the widget; constructed, so that no Content-Security-Policy has to allow inline styles. */
export async function sheetOf(path) {
  return new CSSStyleSheet().replace(await (await fetchFile(path)).text());
}

/** What the service says; nothing when it does not answer, and the chat has the looks it was born with. */
export async function askLook(api) {
  try {
    return await api.call("GET", `widget?locale=${api.locale}`, { cache: "default" });
  } catch {
    return {};
  }
}

/** The company's colours as a sheet. */
export function paint({ palette }) {
  const sheet = new CSSStyleSheet();
  if (palette) {
    const { light, dark } = palette;
    sheet.replaceSync(`:host{--brand:light-dark(${light[0]},${dark[0]});--on-brand:light-dark(${light[1]},${dark[1]})}`);
  }
  return sheet;
}
