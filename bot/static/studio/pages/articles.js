// The articles: what is written in the studio.

import { t } from "/static/desk/i18n.js";
import { StudioPage } from "../page.js";

class StudioArticles extends StudioPage {
  render() {
    this.frame({ title: t("studio.page.articles"), lead: t("studio.articles.lead") });
  }
}

customElements.define("studio-articles", StudioArticles);
export default StudioArticles;
