// Asks whether one is there before the session ends, and says it when it has.

const dialog = document.getElementById("timeout");
const others = new BroadcastChannel("medspel-session"); // pages of ours in other tabs
const warned = Number(dialog.dataset.warned) * 1000;
let endsAt = Date.now() + Number(dialog.dataset.left) * 1000;
const staying = dialog.querySelector("[formaction]");
let state = "";

others.addEventListener("message", (event) => lives(event.data));
others.postMessage(endsAt);
document.addEventListener("medspel:alive", () => {
  // The server notes once a minute that one is there: the last minute may be missing.
  const idle = Math.max(Number(dialog.dataset.idle) - 60, 0) * 1000;
  lives(Date.now() + idle);
});

// Clocks of sleeping machines stand still: what time it is is asked, not counted.
setInterval(look, 1000);
document.addEventListener("visibilitychange", look);

function lives(until) {
  if (until <= endsAt || state === "over") return;
  endsAt = until;
  if (endsAt - Date.now() > warned) close();
}

function look() {
  const left = endsAt - Date.now();
  if (left <= 0) show("over");
  else if (left <= warned && state === "") {
    document.dispatchEvent(new CustomEvent("medspel:save"));
    show("soon");
  }
}

function show(next) {
  if (state === next) return;
  state = next;
  const kept = document.querySelector('form[data-draft] input[name="draft"]');
  for (const part of dialog.querySelectorAll("[data-when]")) {
    const when = part.dataset.when.split(" ");
    part.hidden = !when.includes(state) && !(when.includes("draft") && kept);
  }
  const clock = new Date(endsAt).toLocaleTimeString("nb", { hour: "2-digit", minute: "2-digit" });
  for (const time of dialog.querySelectorAll("[data-clock]")) time.textContent = clock.replace(".", ":");
  if (dialog.open) dialog.close(); // opened anew, it is read aloud anew
  dialog.showModal();
}

function close() {
  if (dialog.open) dialog.close();
  if (state !== "over") state = "";
}

async function stay() {
  const body = new URLSearchParams(new FormData(staying.form));
  try {
    const reply = await fetch(staying.formAction, { method: "POST", body, redirect: "manual" });
    if (!reply.ok) return show("over");
    const left = Number(await reply.text()) * 1000;
    endsAt = Date.now() + left;
    others.postMessage(endsAt);
    if (left > warned) close();
    else show("last");
  } catch { /* no net: the question stays, and can be answered again */ }
}

staying.addEventListener("click", (event) => {
  event.preventDefault();
  stay();
});
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("cancel", (event) => {
  if (state !== "soon") return; // said is said: Esc closes
  event.preventDefault();
  stay();
});
