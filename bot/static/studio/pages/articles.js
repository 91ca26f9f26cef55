// The articles: the list, and one of them to be written.

import { ArticleEditor } from "../articles/editor.js";
import { ArticleList } from "../articles/list.js";

/** Which of the two the address means. */
export default class StudioArticles extends HTMLElement {
  connectedCallback() {
    const { studio } = this;
    this.replaceChildren(Object.assign(studio.rest.length ? new ArticleEditor() : new ArticleList(), { studio }));
  }
}

customElements.define("studio-articles", StudioArticles);
