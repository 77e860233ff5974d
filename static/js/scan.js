// The scan page: one field that is always free for the next code. Codes are sent one after the other, in the
// order in which they were scanned, and none is lost: what could not be sent is shown and stays in the field.
const form = document.querySelector("form[data-scan]");
const field = form.elements.code;
const failed = document.querySelector("[data-scan-failed]");
const queue = [];
let busy = false;

async function send() {
  if (busy) return;
  busy = true;
  while (queue.length) {
    const data = new FormData(form);
    data.set("code", queue[0]);
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Piece": "scan" } });
    } catch {
      answer = null;
    }
    if (!answer?.ok || answer.redirected) {
      failed.hidden = false;
      failed.querySelector("b").textContent = queue.join(", ");
      field.value = queue.splice(0).join(" ");
      break;
    }
    failed.hidden = true;
    queue.shift();
    document.getElementById("scans").outerHTML = await answer.text();
    sound(document.getElementById("scans").dataset.verdict);
  }
  busy = false;
  field.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const code = field.value.trim();
  field.value = "";
  field.focus();
  if (code) queue.push(code);
  send();
});
form.addEventListener("change", (event) => event.target !== field && field.focus());
// Whoever clicks beside everything wants to scan on.
document.addEventListener("click", (event) => {
  if (event.target.closest("main") && !event.target.closest("a, button, input, select, label, summary")) field.focus();
});

// High for done, low for what somebody must look at; made here, no file is fetched.
let audio = null;
function sound(verdict) {
  if (!form.elements.sounds.checked) return;
  audio ??= new AudioContext();
  const tone = audio.createOscillator();
  tone.frequency.value = verdict === "done" ? 880 : 220;
  tone.connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + (verdict === "done" ? 0.12 : 0.4));
}
