// The studio's pages: their icon in the rail, and their module, whose default export is a custom element (see page.js).
// A new one: a line here and in PAGES of bot/web/studio_pages.py, its name under `studio.page.<name>` in both locales.

export const PAGES = {
  articles: { icon: "book", load: () => import("./pages/articles.js") },
  gaps: { icon: "question", load: () => import("./pages/gaps.js") },
  health: { icon: "pulse", load: () => import("./pages/health.js") },
  import: { icon: "swap", load: () => import("./pages/import.js") },
  trees: { icon: "branch", load: () => import("./pages/trees.js") },
  incidents: { icon: "alert", load: () => import("./pages/incidents.js") },
};
