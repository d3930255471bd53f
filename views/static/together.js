// Follows who has signed, while the page is in front. Without it a link does the same.

const PAUSE = 3000;
const AGAIN = 15000; // after a failure
const place = document.getElementById("together");
const said = document.getElementById("together-said");
let timer = 0, asking = false;

async function ask() {
  if (asking || document.hidden || over()) return;
  asking = true;
  let wait = PAUSE;
  try {
    const reply = await fetch(place.dataset.again, { redirect: "manual" });
    if (reply.ok) show(await reply.text());
    else if (reply.status < 500) return stop();
    else wait = AGAIN;
  } catch { wait = AGAIN; /* no net just now */ }
  finally { asking = false; }
  clearTimeout(timer);
  if (!over()) timer = setTimeout(ask, wait);
}

function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html").querySelector("[data-state]");
  const now = place.querySelector("[data-state]");
  if (!next || next.dataset.state === now.dataset.state) return; // a button one is on stays
  const active = document.activeElement;
  const inside = now.contains(active) || (next.hasAttribute("data-over") && active.closest("[data-until-over]"));
  now.replaceWith(next);
  const headings = next.querySelectorAll("h2");
  if (inside) { headings[0].tabIndex = -1; headings[0].focus(); }
  said.textContent = next.dataset.said;
  if (!over()) return;
  said.textContent += " " + headings[headings.length - 1].textContent;
  for (const part of document.querySelectorAll("[data-until-over]")) part.remove();
}

function over() {
  return place.querySelector("[data-over]") !== null;
}

function stop() {
  document.getElementById("together-stopped").hidden = false;
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
timer = setTimeout(ask, PAUSE);
