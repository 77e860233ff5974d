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

// Tick all; the button below the list acts on what is ticked, and the bar says how many that is.
const boxes = () => [...document.querySelectorAll("[data-rows] input[name=tick]")];
const count = () => {
  const words = document.querySelector("[data-ticked]");
  if (!words) return;
  const ticked = boxes().filter((box) => box.checked).length;
  words.hidden = !ticked;
  words.lastElementChild.textContent = ticked;
};
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-tick-all]")) for (const box of boxes()) box.checked = event.target.checked;
  count();
});
count();

// Paper opens in a tab of its own and may move what was printed: the list is fetched again on coming back.
document.getElementById("ticked")?.addEventListener("submit", () => {
  const again = () => document.visibilityState === "visible" && location.reload();
  document.addEventListener("visibilitychange", again);
});
