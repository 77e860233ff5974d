// Asks every 20 s whether what the page shows is still current. 204: it is. Otherwise the answer is a
// sentence, "3 new since 10:38", put into the element with a link: the list itself never moves by itself.
const PERIOD = 20000;

async function ask(element) {
  if (document.hidden || element.contains(document.activeElement)) return;
  const url = new URL(element.dataset.pollUrl, location.href);
  url.searchParams.set("version", element.dataset.pollVersion);
  let answer;
  try {
    answer = await fetch(url, { headers: { "X-Requested-With": "poll" }, redirect: "manual" });
  } catch {
    stale(element, true);
    return;
  }
  stale(element, answer.status !== 204 && !answer.ok);
  if (answer.status !== 200) return;
  const words = element.querySelector("[data-poll-words]");
  const { text, link, version } = await answer.json();
  if (words) {
    const anchor = document.createElement("a");
    anchor.href = location.href;
    anchor.textContent = link;
    words.replaceChildren(`${text} `, anchor);
  }
  element.dataset.pollVersion = version ?? element.dataset.pollVersion;
}

function stale(element, isStale) {
  const note = element.querySelector("[data-poll-stale]");
  if (note) note.hidden = !isStale;
}

setInterval(() => document.querySelectorAll("[data-poll-url]").forEach(ask), PERIOD);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.querySelectorAll("[data-poll-url]").forEach(ask);
});
