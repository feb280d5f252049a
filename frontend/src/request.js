// One way to talk to the server: forgery token, fragment header, answers turned into toasts, dialogs and fresh regions.
import htmx from "htmx.org/dist/htmx.esm.js";
import { all, one, started, word } from "./dom.js";
import { toast } from "./toast.js";

function busy(state) { one("#progress")?.classList.toggle("is-busy", state); }

export function token() {
  return JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}")["X-CSRFToken"] ?? "";
}

export async function send(url, { method = "GET", body, headers = {}, quiet = false } = {}) {
  if (!quiet) busy(true);
  try {
    return await fetch(url, {
      method, body, credentials: "same-origin",
      headers: { "HX-Request": "true", "X-CSRFToken": token(), ...headers },
    });
  } finally {
    if (!quiet) busy(false);
  }
}

/** Events named in HX-Trigger: `done` is shown as a toast and freshens the page, others are dispatched. */
function announce(response) {
  const header = response.headers.get("HX-Trigger");
  if (!header) return false;
  let events;
  try { events = JSON.parse(header); } catch { events = Object.fromEntries(header.split(",").map((name) => [name.trim(), {}])); }
  for (const [name, detail] of Object.entries(events)) {
    if (name === "done" || name === "toast") toast(detail.message, detail);
    document.body.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
  return "done" in events;
}

/** What went wrong, in the server's words where it has any. */
export async function reason(response) {
  const kind = response.headers.get("Content-Type") || "";
  if (kind.includes("json")) {
    const data = await response.clone().json().catch(() => ({}));
    return data.message || data.detail || word("refused");
  }
  const page = new DOMParser().parseFromString(await response.clone().text(), "text/html");
  const found = page.querySelector("[role=alert], .fault p, .note-box");
  return found?.textContent.replace(/\s+/g, " ").trim() || word(response.status >= 500 ? "failed" : "refused");
}

/** Follows what the answer asks of the whole page. True when nothing is left for the caller to do. */
export function obey(response) {
  const target = response.headers.get("HX-Redirect") || (response.redirected ? response.url : "");
  if (target) {
    announce(response);
    document.body.dispatchEvent(new CustomEvent("saved"));
    if (new URL(target, location.href).href === location.href.replace(/#.*/, "")) location.reload();
    else location.assign(target);
    return true;
  }
  if (response.headers.get("HX-Refresh") === "true") { location.reload(); return true; }
  const done = announce(response);
  if (done || response.status === 204) {
    document.body.dispatchEvent(new CustomEvent("saved"));
    void freshen();
    return true;
  }
  return false;
}

/** Puts HTML into a place and wakes it up. */
export function fill(place, html, style = "innerHTML") {
  if (style === "outerHTML") {
    const box = document.createElement("template");
    box.innerHTML = html.trim();
    const nodes = [...box.content.children];
    place.replaceWith(...nodes);
    for (const node of nodes) { htmx.process(node); started(node); }
    return nodes[0] ?? null;
  }
  place.innerHTML = html;
  htmx.process(place);
  started(place);
  return place;
}

/** Fetches this page once and renews every [data-live] region that nobody is typing in. */
let freshening = null;
export function freshen() {
  freshening ??= (async () => {
    try {
      const response = await fetch(location.href, { credentials: "same-origin", headers: { "X-Live": "1" } });
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const region of all("[data-live][id]")) {
        const next = page.getElementById(region.id);
        if (!next || region.querySelector(".is-editing") || region.contains(document.activeElement?.closest("form") ?? null)) continue;
        await htmx.swap({ text: next.innerHTML, target: region, swap: "innerMorph", sourceElement: region });
        started(region);
      }
    } finally { freshening = null; }
  })();
  return freshening;
}
