// Makes pages nicer; none needs it.
"use strict";

const summary = document.querySelector(".ds-error-summary");
if (summary) summary.focus();

// Menus close with Esc and when one clicks elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.ms-menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.ms-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A double click sends once. (The server stores once, too.)
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
// Back on a page whose form was sent: a fresh one, or what is written now would be taken
// for what is stored already.
window.addEventListener("pageshow", (event) => {
  const sent = document.querySelectorAll("form[data-sent]");
  for (const form of sent) delete form.dataset.sent;
  if (event.persisted && sent.length) location.reload();
});

// A button that prints is there for those for whom it works.
for (const print of document.querySelectorAll("button[data-print]")) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// Signing out goes on by itself to where one had signed in.
const onward = document.querySelector("form[data-now]");
if (onward) onward.requestSubmit();
