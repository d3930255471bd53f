// Keeps a draft while one writes. Without it the form is as good, but for that.

const PAUSE = 2500; // after the last key
const AGAIN = 20000; // after a failure

for (const form of document.querySelectorAll("form[data-draft]")) keepDraftOf(form);

function keepDraftOf(form) {
  const status = form.querySelector(".ms-saved");
  let timer = 0, dirty = false, sending = null, over = false;

  async function send() {
    const body = new URLSearchParams(new FormData(form));
    body.set("address", form.dataset.address);
    markAsBegun(form);
    dirty = false;
    try {
      const leaving = document.hidden && body.toString().length < 60000;
      const how = { method: "POST", body, redirect: "manual", keepalive: leaving };
      const reply = await fetch(form.dataset.draft, how);
      if (reply.ok) {
        status.textContent = await reply.text();
        document.dispatchEvent(new CustomEvent("medspel:alive"));
      } else refused(reply);
    } catch { later(); }
  }

  function refused(reply) {
    over = reply.status < 500 && reply.status !== 409;
    if (!over) return later();
    const out = reply.status === 401 || reply.type === "opaqueredirect";
    status.textContent = out ? status.dataset.signedOut : status.dataset.refused;
  }

  function later() {
    dirty = true;
    status.textContent = status.dataset.unsaved;
    timer = setTimeout(save, AGAIN);
  }

  // One at a time, so that an old text never arrives after a newer one.
  async function save() {
    clearTimeout(timer);
    if (sending) await sending;
    if (!dirty || over) return;
    sending = send();
    await sending;
    sending = null;
  }

  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
  document.addEventListener("medspel:save", save);

  // A draft that arrived after its form was sent would come back as if it were not.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    over = true;
    if (!sending) return;
    event.preventDefault();
    delete form.dataset.sent;
    sending.finally(() => { sending = null; form.requestSubmit(event.submitter); });
  });
  window.addEventListener("pageshow", () => { over = false; });
}

// The server then knows that there is a draft to take away when the form is stored.
function markAsBegun(form) {
  if (form.elements.namedItem("draft")) return;
  const mark = document.createElement("input");
  mark.type = "hidden";
  mark.name = "draft";
  mark.value = "yes";
  form.append(mark);
}
