// A text of several lines that is mostly one: Enter sends it, Shift and Enter begin a new line. Without this module
// Enter begins a new line and the button sends.
for (const field of document.querySelectorAll("textarea[data-enter]")) {
  field.addEventListener("keydown", (event) => {
    // While a letter of Chinese or Japanese is being put together, Enter ends the letter.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    field.form.requestSubmit(field.form.querySelector("button[name]"));
  });
}
