// Guided diagnoses: the list, and one of them to be written and tried.

import { TreeEditor } from "../trees/editor.js";
import { TreeList } from "../trees/list.js";

/** Which of the two the address means. */
export default class StudioTrees extends HTMLElement {
  connectedCallback() {
    const { studio } = this;
    this.replaceChildren(Object.assign(studio.rest.length ? new TreeEditor() : new TreeList(), { studio }));
  }
}

customElements.define("studio-trees", StudioTrees);
