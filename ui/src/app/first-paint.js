// Sets the theme before the first paint, so that dark users see no white flash. A classic script on purpose.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("cjv-theme");
  } catch (_) {
    // Storage is switched off: follow the system.
  }
  var dark =
    choice === "dark" ||
    (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
