// Choosing lenders: a click on a library gives it the next number, a second click takes it away; typing in the
// field above narrows the list. Without this file the numbers are typed.
const places = (form) => [...form.querySelectorAll(".ill-rota input[data-symbol]")];

document.addEventListener("click", (event) => {
  const row = event.target.closest(".ill-rota .ill-choice");
  if (!row || event.target.matches("input")) return;
  event.preventDefault();
  const all = places(row.closest("form"));
  const field = row.querySelector("input");
  if (field.value) {
    const freed = Number(field.value);
    field.value = "";
    for (const other of all) if (Number(other.value) > freed) other.value = Number(other.value) - 1;
  } else {
    field.value = Math.max(0, ...all.map((other) => Number(other.value) || 0)) + 1;
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id !== "rota-find") return;
  const wanted = event.target.value.trim().toLocaleLowerCase();
  for (const row of event.target.closest("form").querySelectorAll(".ill-rota .ill-choice")) {
    // What has a number stays in sight.
    row.hidden = wanted && !row.querySelector("input").value && !row.textContent.toLocaleLowerCase().includes(wanted);
  }
});

const show = () => {
  for (const part of document.querySelectorAll("[data-rota-find]")) {
    part.hidden = document.querySelectorAll(".ill-rota .ill-choice").length < 12;
  }
};
document.body.addEventListener("htmx:afterSwap", show);
show();
