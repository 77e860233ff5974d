// On every page. Everything here only helps: the pages work without it.

// Menus are <details>: close them as menus close, by Escape, a click outside or another menu.
const openMenus = () => document.querySelectorAll("details.ill-menu[open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A form that came back with errors: the summary takes the focus, so that it is read out first.
const summary = () => document.querySelector("[data-error-summary]")?.focus();
summary();

// htmx says nothing by itself when a server fails or the network is gone.
const failed = (shown) => {
  const note = document.querySelector("[data-failed]");
  if (note) note.hidden = !shown;
};
document.body.addEventListener("htmx:sendError", () => failed(true));
document.body.addEventListener("htmx:responseError", () => failed(true));
document.body.addEventListener("htmx:afterSwap", () => failed(false));
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status === 422) summary();
});

// On paper nothing stays folded.
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("main details:not(.ill-menu)")) part.open = true;
});
