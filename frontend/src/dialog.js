// Native dialogs: links and forms marked data-dialog open there; without scripts they are ordinary pages.
import { all, isPlainClick, on, one } from "./dom.js";
import { fill, freshen, obey, reason, send } from "./request.js";
import { toast } from "./toast.js";

let opener = null;
let onCancel = null;

export function show(html, { wide = false, cancel = null } = {}) {
  const dialog = one("#dialog");
  onCancel = cancel;
  dialog.classList.toggle("is-wide", wide);
  fill(one("#dialog-body"), html);
  if (!dialog.open) { opener = document.activeElement; dialog.showModal(); }
  focusIn(dialog);
}

function focusIn(root) {
  const wrong = root.querySelector("[data-focus], [aria-invalid=true]");
  (wrong ?? root.querySelector("[autofocus]") ?? root.querySelector(".dialog-body input:not([type=hidden]), .dialog-body select, .dialog-body textarea")
    ?? root.querySelector(".dialog-foot .is-primary"))?.focus();
}

export function close() {
  const dialog = one("#dialog");
  onCancel = null;
  if (dialog?.open) dialog.close();
}

export async function openUrl(url, options = {}) {
  const response = await send(url, { headers: { "HX-Target": "div#dialog-body" } }).catch(() => null);
  if (!response) { location.assign(url); return; }
  if (response.redirected && !response.headers.get("HX-Trigger")) { location.assign(response.url); return; }
  if (response.ok && obey(response)) return;
  if (!response.ok && response.status !== 422 && response.status !== 409) { toast(await reason(response), { wrong: true }); return; }
  show(await response.text(), options);
}

export function startDialogs() {
  on("click", "a[data-dialog], [data-dialog-url]", (event, link) => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    void openUrl(link.dataset.dialogUrl ?? link.href, { wide: link.dataset.dialog === "wide" });
  });
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.matches("[data-dialog]")) return;
    event.preventDefault();
    const query = new URLSearchParams(new FormData(event.target));
    void openUrl(`${button.formAction}${button.formAction.includes("?") ? "&" : "?"}${query}`);
  });
  on("click", "dialog [data-close]", (event, button) => {
    event.preventDefault();
    button.closest("dialog").close();
  });
  on("click", "[data-close]:not(dialog *)", (event) => {
    if (history.length > 1 && document.referrer.startsWith(location.origin) && isPlainClick(event)) { event.preventDefault(); history.back(); }
  });
  on("click", "[data-open]", (event, button) => one(`#${button.dataset.open}`)?.showModal());
  for (const dialog of all("dialog")) {
    dialog.addEventListener("mousedown", (event) => {
      if (event.target === dialog && !dialog.querySelector("form[data-dirty]")) dialog.close();
    });
    dialog.addEventListener("close", () => {
      document.body.append(one("#toasts"));
      if (dialog.id !== "dialog") return;
      one("#dialog-body").replaceChildren();
      const put = onCancel;
      onCancel = null;
      put?.();
      if (opener?.isConnected) opener.focus();
    });
  }
  document.body.addEventListener("saved", () => { const inner = one("#dialog-new[open]"); if (inner) inner.close(); else close(); });
  on("click", "a[data-post]", async (event, link) => {
    event.preventDefault();
    if (link.ariaBusy === "true") return;
    link.ariaBusy = "true";
    const response = await send(link.href, { method: "POST" }).catch(() => null);
    link.ariaBusy = null;
    if (!response?.ok) toast(response ? await reason(response) : one("#words").dataset.failed, { wrong: true });
    else if (!obey(response)) void freshen();
  });
}

export { focusIn };
