// Opens the help of the page where one is, so that nothing one has written is left behind.
"use strict";

for (const link of document.querySelectorAll("a[data-help]")) {
  let panel = null;
  const show = (open) => {
    panel.hidden = !open;
    link.setAttribute("aria-expanded", String(open));
    if (open) panel.focus();
  };
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (panel) return show(panel.hidden);
    const answer = await fetch(link.href).catch(() => null);
    const page = answer && answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const text = page && page.querySelector("#helptext");
    if (!text) return location.assign(link.href);
    panel = document.importNode(text, true);
    panel.tabIndex = -1;
    link.closest(".ms-title").after(panel);
    link.setAttribute("aria-controls", panel.id);
    show(true);
  });
}
