// What the ticked rows come to, beside how many there are. Added in cents: fractions of two do not add up.
const bar = document.querySelector("[data-tick-bar][data-sum]");
const place = bar?.querySelector("[data-ticked-sum]");
const sum = () => {
  if (!place) return;
  const ticked = [...document.querySelectorAll("[data-rows] input[name=tick]:checked")];
  const cents = ticked.reduce((total, box) => total + Math.round(Number(box.dataset.amount) * 100), 0);
  const shown = (cents / 100).toLocaleString(document.documentElement.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  place.textContent = ticked.length ? `, ${bar.dataset.currency} ${shown}` : "";
};
document.addEventListener("change", sum);
document.addEventListener("click", (event) => event.target.matches("[data-untick]") && sum());
addEventListener("pageshow", sum);
sum();
