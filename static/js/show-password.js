// The button is hidden in the page: without this file it could do nothing.
for (const button of document.querySelectorAll("[data-show-password]")) {
  const field = document.getElementById(button.dataset.showPassword);
  const show = button.textContent;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.textContent = shown ? show : button.dataset.hide;
    button.setAttribute("aria-pressed", String(!shown));
  });
  // A password shown must not be kept by the browser as a typed text.
  field.form.addEventListener("submit", () => { field.type = "password"; });
}
