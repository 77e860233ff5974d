// Choosing lenders: a click on a library gives it the next number, a second click takes it away; its arrows, or the
// arrow keys in its field, move it earlier or later. Without this file the numbers are typed.
const places = (form) => [...form.querySelectorAll(".ill-rota input[data-symbol]")];
const numbered = (form) => places(form).filter((field) => Number(field.value) > 0).sort((a, b) => a.value - b.value);

// The numbers from 1 without gaps, and the chosen on top in their order.
const settle = (form, chosen = numbered(form)) => {
  chosen.forEach((field, at) => (field.value = at + 1));
  const list = form.querySelector("[data-rota]");
  const rows = chosen.map((field) => field.closest(".ill-choice"));
  for (const row of rows.reverse()) list.querySelector("legend").after(row);
};
const say = (form, field) => {
  const out = form.querySelector("[data-rota-say]");
  const name = field.closest(".ill-choice").querySelector("b").textContent;
  if (out) out.textContent = field.value ? `${name} ${out.dataset.words} ${field.value}` : name;
};
const move = (field, step) => {
  const form = field.closest("form");
  const chosen = numbered(form);
  const at = chosen.indexOf(field);
  const to = at + step;
  if (at < 0 || to < 0 || to >= chosen.length) return;
  chosen.splice(to, 0, chosen.splice(at, 1)[0]);
  settle(form, chosen);
  say(form, field);
};
const toggle = (field) => {
  const form = field.closest("form");
  const chosen = numbered(form);
  if (field.value) {
    field.value = "";
    settle(form, chosen.filter((other) => other !== field));
  } else {
    settle(form, [...chosen, field]);
  }
  say(form, field);
};

document.addEventListener("click", (event) => {
  const row = event.target.closest(".ill-rota .ill-choice");
  const field = row?.querySelector("input[data-symbol]");
  if (!field || event.target.matches("input") || event.target.closest("a")) return;
  const button = event.target.closest("[data-move]");
  event.preventDefault();
  if (!button) return toggle(field);
  move(field, Number(button.dataset.move));
  button.focus(); // it went with its row
});
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.(".ill-rota input[data-symbol]");
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (field && step && field.value) {
    event.preventDefault();
    move(field, step);
    field.focus();
  } else if (event.key === "Enter" && field) {
    event.preventDefault(); // the first button of the form would only look for a library
    field.form.querySelector(".ill-steps .is-filled").click();
  } else if (event.key === "Enter" && event.target.id === "rota-find") {
    event.preventDefault();
    event.target.form.querySelector("[name=look]").click();
  }
});

const show = () => document.querySelectorAll(".ill-rota [data-move]").forEach((button) => (button.hidden = false));
document.body.addEventListener("htmx:afterSwap", show);
show();
