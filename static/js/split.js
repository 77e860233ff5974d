// Queue, list, one request beside it: a row's link fills the pane on wide screens and pushes an address that
// can be mailed. Under 1100 px, without script or with a modifier key the link opens the request alone.
const wide = matchMedia("(min-width: 1100px)");
const pane = document.getElementById("request");

async function open(link) {
  const url = new URL(link.href);
  const list = new URL(location.href);
  list.searchParams.set("open", link.dataset.number);
  url.searchParams.set("next", list.pathname + list.search);
  let answer;
  try {
    answer = await fetch(url, { headers: { "X-Piece": "request" } });
  } catch {
    answer = null;
  }
  if (!answer?.ok || answer.redirected) {
    location.href = link.href; // whatever went wrong, the page itself says it best
    return;
  }
  pane.innerHTML = await answer.text();
  pane.scrollTop = 0;
  globalThis.htmx?.process(pane);
  history.pushState({}, "", list);
  for (const other of document.querySelectorAll("[data-rows] .ill-open")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-rows] .ill-open[data-number]");
  if (!link || !pane || !wide.matches || event.defaultPrevented) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open(link);
});
addEventListener("popstate", () => location.reload());

// Tick all, or a range with Shift; the bar below the list appears with the first tick and says how many there are.
const boxes = () => [...document.querySelectorAll("[data-rows] input[name=tick]")];
const bar = document.querySelector("[data-tick-bar]");
const count = () => {
  if (!bar) return;
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  bar.hidden = !ticked;
  bar.querySelector("[data-ticked-count]").textContent = bar.dataset.words.replace("0", ticked);
  bar.querySelector("[data-untick]").hidden = !ticked;
  for (const box of document.querySelectorAll("[data-tick-all]")) {
    box.checked = ticked > 0 && ticked === all.length;
    box.indeterminate = ticked > 0 && ticked < all.length;
  }
};
let last = null;
document.addEventListener("click", (event) => {
  if (event.target.matches("[data-untick]")) {
    for (const box of boxes()) box.checked = false;
    count();
  }
  if (!event.target.matches("[data-rows] input[name=tick]")) return;
  const all = boxes();
  if (event.shiftKey && last) {
    const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
    if (from >= 0) for (const box of all.slice(from, to + 1)) box.checked = event.target.checked;
  }
  last = event.target;
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-tick-all]")) for (const box of boxes()) box.checked = event.target.checked;
  count();
});
count();
addEventListener("pageshow", count); // the browser brings ticks back with the page

// Paper opens in a tab of its own and may move what was printed: the list is fetched again on coming back.
document.getElementById("ticked")?.addEventListener("submit", (event) => {
  if (!event.submitter?.matches("[data-paper]")) return;
  const again = () => document.visibilityState === "visible" && location.reload();
  document.addEventListener("visibilitychange", again);
});
