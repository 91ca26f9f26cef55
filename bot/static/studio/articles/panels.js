// What stands beside the form, a tab each. A part adds a line: `load()` → a module whose default export is a custom
// element, which is given `studio`, `draft` (see draft.js: `form`, event `form`) and `editor` before it is connected.

export const PANELS = [
  { name: "preview", load: async () => (await import("./preview.js")).ArticlePreview },
  { name: "twin", load: async () => (await import("./twin.js")).ArticleTwin, when: ({ studio }) => studio.languages.length > 1 },
  { name: "try", load: async () => (await import("../try/try.js")).StudioTry },
  { name: "asked", load: async () => (await import("../gaps/asked.js")).GapAsked, when: ({ gap }) => Boolean(gap) },
  { name: "history", load: async () => (await import("./history.js")).ArticleHistory, when: ({ draft }) => Boolean(draft.published || draft.side.archived) },
];
