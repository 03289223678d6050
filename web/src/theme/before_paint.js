// Runs in <head>, before the first paint: see vite.config.ts. The rest of the theme is in theme.tsx.
(function () {
  try {
    var chosen = localStorage.getItem('pulseboard.theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch (_) {
    // No storage: the system's theme it is.
  }
})();
