// Forms marked data-once are sent by script: one answer for many clicks, errors in place, nothing typed is lost.
import { addressOf, all, on, one, word } from "./dom.js";
import { focusIn, show } from "./dialog.js";
import { forget, note } from "./draft.js";
import { fill, freshen, obey, reason, send } from "./request.js";
import { toast } from "./toast.js";

function newKey() {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(16).slice(2)}`;
}

function hold(form, button) {
  form.dataset.sending = "1";
  if (button) button.ariaBusy = "true";
  for (const each of all("button", form)) if (each !== button) each.disabled = true;
}

function release(form, button) {
  delete form.dataset.sending;
  if (button) button.ariaBusy = null;
  for (const each of all("button", form)) each.disabled = false;
}

async function answered(form, response) {
  if (response.ok) forget(form);
  if (response.ok && form.matches("[data-stay]") && !response.redirected) {
    form.reset();
    const key = one("input[name=once]", form);
    if (key) key.value = newKey();
    if (obey(response)) return;
    await freshen();
    return;
  }
  if (obey(response)) return;
  const html = await response.text();
  if (response.ok || response.status === 422 || response.status === 409) {
    if (form.closest("#dialog")) { show(html, { wide: one("#dialog").classList.contains("is-wide") }); return; }
    const page = new DOMParser().parseFromString(html, "text/html");
    const next = page.getElementById(form.id);
    if (next) { const fresh = fill(form, next.outerHTML, "outerHTML"); focusIn(fresh); (one("[data-focus]", fresh) ?? fresh).scrollIntoView({ block: "nearest" }); return; }
  }
  toast(await reason(new Response(html, { status: response.status, headers: response.headers })), { wrong: true });
}

export async function submit(form, button) {
  if (form.dataset.sending) return;
  const body = new FormData(form, button ?? undefined);
  hold(form, button);
  try {
    const response = await send(addressOf(form), {
      method: "POST", body,
      headers: { "HX-Target": form.closest("#dialog") ? "div#dialog-body" : `form#${form.id}`, "Idempotency-Key": String(body.get("once") ?? "") },
    });
    await answered(form, response);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    note(form);
    toast(word("queued"), { wrong: true });
    addEventListener("online", () => { if (form.isConnected) void submit(form, button); }, { once: true });
  } finally {
    release(form, button);
  }
}

export function startOnce() {
  on("submit", "form[data-once]", (event, form) => {
    if (event.submitter?.matches("[data-dialog]")) return;
    event.preventDefault();
    if (form.matches("[data-stay]") && !form.reportValidity()) return;
    void submit(form, event.submitter);
  });
  on("change", "[data-autosend]", (event, input) => input.form.requestSubmit());
  addEventListener("online", () => one("#offline")?.setAttribute("hidden", ""));
  addEventListener("offline", () => one("#offline")?.removeAttribute("hidden"));
}
