// The decision on a copy: what is typed as the price stands on the button, and is what was seen. Without this file the
// page comes back once with the total.
const settle = (form) => {
  const price = form.querySelector("[data-price]");
  const currency = form.querySelector("[data-currency]");
  const seen = form.querySelector("[data-seen]");
  const out = form.querySelector("[data-and-pay]");
  if (!price || !currency || !seen || !out) return;
  const amount = Number(price.value.replace(/,(?=\d{3}\b)/g, ""));
  const sure = price.value.trim() && Number.isFinite(amount);
  const total = sure ? amount.toFixed(2) : "";
  const code = currency.value.trim().toUpperCase();
  seen.value = sure ? `${total} ${code}` : "";
  out.textContent = sure ? ` ${out.dataset.andPay} ${code} ${total}` : ` ${out.dataset.andPay}`;
};
document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-price],[data-currency]")) settle(event.target.form);
});
