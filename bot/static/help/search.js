// Search as one types: the server draws what it found, the same as on the page of results.
const PAUSE_MS = 180;
const SHORTEST = 2;

export function searchAsOneTypes(form) {
  const field = form.elements.q;
  const place = document.getElementById(form.dataset.search);
  const instead = document.getElementById(place.dataset.instead ?? "");
  const panel = place.classList.contains("help-panel");
  const told = document.createElement("p");
  told.className = "visually-hidden";
  told.setAttribute("role", "status");
  form.append(told);
  let timer, underWay;
  let shown = panel ? "" : new URLSearchParams(location.search).get("q")?.trim() ?? "";

  const show = (html, query) => {
    shown = query;
    place.innerHTML = html;
    place.hidden = !html;
    if (panel) keepFew();
    else {
      instead?.toggleAttribute("hidden", Boolean(html));
      history.replaceState(history.state, "", query ? `${form.getAttribute("action")}?${new URLSearchParams({ q: query })}` : form.getAttribute("action"));
    }
    told.textContent = place.querySelector("[data-count]")?.dataset.count ?? "";
  };

  const keepFew = () => {
    for (const hit of [...place.querySelectorAll(".help-hit")].slice(Number(place.dataset.part))) hit.remove();
  };

  const search = async () => {
    const query = field.value.trim();
    underWay?.abort();
    if (query === shown) return;
    if (query.length < SHORTEST) return show("", "");
    underWay = new AbortController();
    const { signal } = underWay;
    try {
      const address = `${form.getAttribute("action")}?${new URLSearchParams({ q: query, part: "1" })}`;
      const response = await fetch(address, { signal });
      // Too fast: what was found by titles comes with a sentence.
      if (response.ok || response.status === 429) show(await response.text(), query);
    } catch {
      // Overtaken by the next letter, or no network: what is shown stays, and Enter still leads to a page.
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE_MS);
  });
  const close = () => {
    if (panel) place.hidden = true;
  };
  field.addEventListener("focus", () => {
    if (panel && shown) place.hidden = false;
  });
  form.parentElement.addEventListener("focusout", ({ relatedTarget }) => {
    if (!form.contains(relatedTarget) && !place.contains(relatedTarget)) close();
  });
  for (const part of [form, place]) part.addEventListener("keydown", (event) => walk(event, field, place, close));
}

// The arrows go from the field through what was found and back; Tab does as everywhere.
function walk(event, field, place, close) {
  if (event.key === "Escape" && !place.hidden && place.classList.contains("help-panel")) {
    event.preventDefault();
    field.focus();
    close();
  }
  if (!["ArrowDown", "ArrowUp"].includes(event.key) || place.hidden) return;
  const stops = [field, ...place.querySelectorAll("a")];
  const next = stops[stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next || !stops.includes(document.activeElement)) return;
  event.preventDefault();
  next.focus();
}
