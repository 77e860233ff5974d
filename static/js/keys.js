// Single keys for those who work here all day. Every one of them has a button or link that does the same.
const inField = (target) =>
  target.isContentEditable || target.closest("input:not([type=checkbox],[type=radio]),textarea,select,[role=textbox],dialog");
const click = (selector) => {
  const found = document.querySelector(selector);
  found?.click();
  return Boolean(found);
};
const focus = (selector) => {
  const found = document.querySelector(selector);
  found?.focus();
  found?.select?.();
  return Boolean(found);
};

// Rows: [data-rows] holds them; a row is what contains an .ill-open link.
const links = () => [...document.querySelectorAll("[data-rows] .ill-open, [data-rows] .ill-side-item")];
const here = () => {
  const all = links();
  const active = document.activeElement?.closest("[data-rows] tr, [data-rows] li");
  const focused = all.findIndex((link) => active?.contains(link));
  return focused >= 0 ? focused : all.findIndex((link) => link.hasAttribute("aria-current"));
};
const move = (step) => {
  const all = links();
  if (!all.length) return false;
  const next = all[Math.min(Math.max(here() + step, 0), all.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
};
const tickBox = (link) => link?.closest("tr, li")?.querySelector("input[name=tick]");
let ticked = null; // the row ticked last: where a range begins
const tick = () => {
  const link = links()[here()];
  const box = tickBox(link);
  if (!box) return false;
  ticked = link;
  box.click();
  return true;
};
// From the row ticked last to this one, all as that one is.
const tickRange = () => {
  const all = links();
  const [from, to] = [all.indexOf(ticked), here()].sort((a, b) => a - b);
  if (from < 0) return tick();
  const wanted = tickBox(ticked)?.checked ?? true;
  for (const link of all.slice(from, to + 1)) {
    const box = tickBox(link);
    if (box && box.checked !== wanted) box.click();
  }
  return true;
};

// A step beside the list, else the button of the row one stands in.
const step = (number) => {
  if (click(`[data-step="${number}"]`)) return true;
  const button = number === 1 && document.activeElement?.closest("[data-rows] tr")?.querySelector("[data-row-step]");
  if (button) button.click();
  return Boolean(button);
};

// "g" waits for the letter of a place: borrowing, lending, documents.
const PLACES = { b: "/borrowing/", l: "/lending/", d: "/documents/" };
let going = -10000;
const go = (key) => {
  const link = document.querySelector(`.ill-places a[href="${PLACES[key]}"]`);
  link?.click();
  return Boolean(link);
};

const keys = {
  "/": () => focus("[data-search]"),
  j: () => move(1),
  k: () => move(-1),
  x: tick,
  X: tickRange,
  e: () => click('[data-key="e"]'),
  m: () => click('[data-key="m"], [data-step="m"]'),
  z: () => click('[data-key="z"], [data-step="z"]'),
  s: () => click("[data-scan-page]"),
  ".": () => click("[data-more] > summary"),
  g: () => {
    going = performance.now();
    return true;
  },
  1: () => step(1),
  2: () => step(2),
  n: () => focus("[data-note]"),
  u: () => click("[data-back]"),
  "?": () => {
    document.getElementById("keys")?.showModal();
    return true;
  },
};

// A scanner types a whole code within milliseconds. A key waits a moment, and is dropped with all its
// neighbours when another follows at once: a code that begins with 1 must not press the first step.
// The whole code, ended by Enter, is looked for: a scan anywhere opens what was scanned.
const MOMENT = 40;
const GAP = 100; // between two signs of a code, also on a busy machine
const SHORTEST = 5;
let waiting = null;
let lastKey = -1000;
let lastSign = -1000;
let scanned = "";
const find = (code) => {
  const url = document.querySelector("[data-scan-url]")?.dataset.scanUrl;
  if (url) location.assign(`${url}?code=${encodeURIComponent(code)}`);
};
document.addEventListener("keydown", (event) => {
  if (document.body.dataset.keys === "off" || event.defaultPrevented || inField(event.target)) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.key === "Shift") return;
  const burst = event.timeStamp - lastKey < MOMENT && !event.repeat;
  lastKey = event.timeStamp;
  clearTimeout(waiting);
  const goesOn = event.timeStamp - lastSign < GAP;
  if (goesOn && event.key === "Enter" && scanned.length >= SHORTEST) {
    event.preventDefault();
    find(scanned);
    scanned = "";
    return;
  }
  if (event.key.length === 1) {
    scanned = goesOn ? scanned + event.key : event.key;
    lastSign = event.timeStamp;
  }
  if (burst) return;
  const place = performance.now() - going < 1500 && Object.hasOwn(PLACES, event.key);
  if (!place && !Object.hasOwn(keys, event.key)) return;
  event.preventDefault(); // at once: later the browser would have opened its own search for "/"
  waiting = setTimeout(place ? () => go(event.key) : keys[event.key], MOMENT);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-show-keys]")) document.getElementById("keys")?.showModal();
});

// A scan leads to a request with the button of the step that is due: Enter takes it.
if (location.hash === "#due") document.querySelector('[data-step="1"]')?.focus();

// Where there is no room for the request beside the list, its link leads to its own page instead.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target } = event.detail;
  if (!elt.matches?.("[data-rows] a.ill-open") || target.checkVisibility()) return;
  event.preventDefault();
  location.assign(elt.href);
});
// htmx would take a Ctrl-click too, which is how people open a second tab.
document.addEventListener(
  "click",
  (event) => {
    const modified = event.ctrlKey || event.metaKey || event.shiftKey;
    if (modified && event.target.closest("a[hx-get]")) event.stopImmediatePropagation();
  },
  true,
);

// htmx replaces the request beside the list; the mark moves to the row that was opened.
document.body.addEventListener("htmx:afterRequest", (event) => {
  const link = event.detail.elt;
  if (!event.detail.successful || !link.matches?.("[data-rows] .ill-open")) return;
  for (const other of links()) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
});
