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
document.body.addEventListener("htmx:afterSwap", (event) => {
  failed(false);
  // The form of a step: its menu closes, its first field takes the focus.
  if (event.detail.target.id !== "step") return;
  for (const menu of openMenus()) menu.open = false;
  event.detail.target.querySelector("input:not([type=hidden]),select,textarea,button")?.focus();
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status === 422) summary();
});

// Changing the language loads the page anew: what stands in a form on it comes along.
const KEPT = "ill-kept " + location.pathname;
const fields = () =>
  [...document.querySelectorAll("main form[method=post]")].flatMap((form) => [...form.elements]).filter(
    (field) => field.name && !["hidden", "password", "file", "submit"].includes(field.type),
  );
document.querySelector("form[data-language]")?.addEventListener("submit", (event) => {
  const kind = document.querySelector("main input[name=kind]:checked"); // decides which fields there are
  if (kind) event.target.elements.next.value = `${location.pathname}?kind=${kind.value}`;
  const rows = fields().map((field) => [field.name, field.value, field.checked ?? null]);
  if (rows.length) sessionStorage.setItem(KEPT, JSON.stringify(rows));
});
const kept = sessionStorage.getItem(KEPT);
if (kept) {
  sessionStorage.removeItem(KEPT);
  for (const [name, value, checked] of JSON.parse(kept)) {
    for (const field of fields().filter((one) => one.name === name)) {
      if (!["checkbox", "radio"].includes(field.type)) field.value = value;
      else if (field.value === value) field.checked = checked;
    }
  }
}

// On paper nothing stays folded.
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("main details:not(.ill-menu)")) part.open = true;
});
