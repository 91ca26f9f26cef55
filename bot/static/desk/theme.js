// Loaded in the head, before the first paint, so that a chosen theme never flashes. Without a choice the system decides.
(() => {
  try {
    const theme = (localStorage.getItem("relais.theme") ?? "").replaceAll('"', "");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage can be refused (private windows, policies): the system's theme stays.
  }
})();
