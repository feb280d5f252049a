// Keeps what is typed in forms marked data-draft on this device until it is saved.
import { on, one, ready, word } from "./dom.js";

const WEEK = 7 * 24 * 3600 * 1000;
const skipped = new Set(["csrfmiddlewaretoken", "once", "version"]);
const nameOf = (form) => `draft:${form.dataset.draft}`;

function values(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !skipped.has(name));
}

export function note(form) {
  if (!form.dataset.draft) return;
  try { localStorage.setItem(nameOf(form), JSON.stringify({ at: Date.now(), values: values(form) })); } catch { return; }
  const line = one("[data-draft-line]", form);
  if (line) line.textContent = word("draft");
}

export function forget(form) {
  delete form.dataset.dirty;
  if (form.dataset.draft) localStorage.removeItem(nameOf(form));
}

function put(form, kept) {
  const names = new Set(kept.map(([name]) => name));
  for (const name of names) {
    const given = kept.filter(([key]) => key === name).map(([, value]) => value);
    for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (control.type === "checkbox" || control.type === "radio") control.checked = given.includes(control.value);
      else if (control.type === "hidden" || control.type === "file") continue;
      else if (control.multiple) for (const option of control.options) option.selected = given.includes(option.value);
      else if (control.tomselect || control.dataset.lookup) continue;
      else control.value = given[0];
    }
  }
}

function restore(form) {
  let kept;
  try { kept = JSON.parse(localStorage.getItem(nameOf(form)) ?? "null"); } catch { kept = null; }
  if (!kept || Date.now() - kept.at > WEEK || form.querySelector("[aria-invalid]")) return;
  put(form, kept.values);
  form.dataset.dirty = "1";
  const line = one("[data-draft-line]", form);
  if (!line) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button is-small is-quiet";
  button.textContent = word("discard");
  button.addEventListener("click", () => { forget(form); location.reload(); });
  line.replaceChildren(`${word("restored")} `, button);
}

export function startDrafts() {
  ready((root) => { for (const form of root.querySelectorAll("form[data-draft]")) if (form.dataset.draft) restore(form); });
  let timer;
  on("input", "form[data-once]", (event, form) => {
    form.dataset.dirty = "1";
    clearTimeout(timer);
    timer = setTimeout(() => { if (form.isConnected && form.dataset.dirty) note(form); }, 400);
  });
}
