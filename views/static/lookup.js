// Offers people while a name is typed: an editable combobox with a list, after ARIA's
// authoring practices. Without it the field offers its hits when the form is sent.

const WAIT = 250; // after the last key

for (const input of document.querySelectorAll("input[data-lookup]")) lookUp(input);

function lookUp(input) {
  const list = make("ul", { id: `${input.id}-list`, role: "listbox", class: "ms-hits", "aria-label": labelOf(input) });
  const status = make("p", { role: "status", class: "ms-small ms-subtle" });
  let timer = 0, asked = null, active = -1;

  input.removeAttribute("list"); // the browser's own list would lie over ours
  attributes(input, { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id });
  const box = make("div", { class: "ms-lookup" });
  input.replaceWith(box);
  box.append(input, list, status);
  close();

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const body = new URLSearchParams({ name: input.value, csrf_token: input.form.elements.namedItem("csrf_token").value });
    try {
      const how = { method: "POST", body, redirect: "manual", signal: asked.signal };
      const reply = await fetch(input.dataset.lookup, how);
      if (reply.ok) offer(await reply.json());
    } catch { /* typed on, or no net: the form itself still looks */ }
  }

  function offer(found) {
    list.replaceChildren(...found.hits.map((text, n) => {
      const hit = make("li", { id: `${input.id}-hit-${n}`, role: "option", "aria-selected": "false" });
      hit.textContent = text;
      return hit;
    }));
    status.textContent = found.said;
    const here = found.hits.length > 0 && document.activeElement === input;
    list.hidden = !here;
    input.setAttribute("aria-expanded", here);
    point(-1);
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    point(-1);
  }

  function point(n) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = n;
    const hit = list.children[n];
    if (!hit) return input.removeAttribute("aria-activedescendant");
    hit.setAttribute("aria-selected", "true");
    hit.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", hit.id);
  }

  function choose(hit) {
    input.value = hit.textContent;
    status.textContent = "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    close();
    status.textContent = "";
    if (input.value.trim().length > 1) timer = setTimeout(ask, WAIT);
  });

  input.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    const moves = { ArrowDown: active < last ? active + 1 : 0, ArrowUp: active > 0 ? active - 1 : last };
    if (event.key in moves && last >= 0) {
      event.preventDefault();
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      point(moves[event.key]);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      choose(list.children[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });

  // Before the field loses its focus, and the list with it.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const hit = event.target.closest("[role=option]");
    if (hit) choose(hit);
  });
  input.addEventListener("blur", () => { clearTimeout(timer); close(); });
}

function labelOf(input) {
  return input.labels[0]?.textContent.trim() ?? "";
}

function make(name, more) {
  const made = document.createElement(name);
  attributes(made, more);
  return made;
}

function attributes(element, more) {
  for (const [name, value] of Object.entries(more)) element.setAttribute(name, value);
}
