// Editing one value where it stands: click a fact, double-click or press Enter on a cell.
import { addressOf, all, on, one, say } from "./dom.js";
import { focusIn } from "./dialog.js";
import { fill, freshen, obey, reason, send } from "./request.js";
import { toast } from "./toast.js";

const before = new WeakMap();

async function open(place) {
  if (place.classList.contains("is-editing")) return;
  const response = await send(place.dataset.edit).catch(() => null);
  if (!response?.ok || response.redirected) { if (response) toast(await reason(response), { wrong: true }); return; }
  before.set(place, place.innerHTML);
  if (place.matches("td")) place.style.minWidth = `${place.offsetWidth}px`;
  place.classList.add("is-editing");
  fill(place, await response.text());
  const control = place.querySelector("input:not([type=hidden]), select, textarea");
  if (control?.tomselect) control.tomselect.focus();
  else { control?.focus(); control?.select?.(); }
}

function cancel(place) {
  if (!before.has(place)) return;
  place.innerHTML = before.get(place);
  before.delete(place);
  place.classList.remove("is-editing");
  place.style.minWidth = "";
  place.focus();
}

async function save(form) {
  const place = form.closest("[data-edit]");
  const button = one(".is-primary", form);
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  const response = await send(addressOf(form), { method: "POST", body: new FormData(form) }).catch(() => null);
  button.ariaBusy = null;
  if (!response) { toast(one("#words").dataset.failed, { wrong: true }); return; }
  if (response.status === 422 || response.status === 409) { fill(place, await response.text()); focusIn(place); return; }
  if (!response.ok) { toast(await reason(response), { wrong: true }); return; }
  before.delete(place);
  place.classList.remove("is-editing");
  const html = response.status === 204 ? "" : await response.clone().text();
  const fresh = html.trim() ? fill(place, html, "outerHTML") : place;
  obey(response);
  fresh?.focus();
  say(fresh?.textContent.trim() ?? "");
  if (!response.headers.get("HX-Trigger")) void freshen();
}


function walk(event, cell) {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!step || cell.classList.contains("is-editing")) return;
  const row = cell.parentElement;
  const rows = all("tr[data-row]", row.parentElement);
  const target = rows[rows.indexOf(row) + step[0]]?.children[[...row.children].indexOf(cell) + step[1]];
  if (target?.matches("td[data-edit]")) { event.preventDefault(); target.focus(); }
}

export function startInline() {
  on("dblclick", "td[data-edit]", (event, cell) => { if (!event.target.closest("a, button")) void open(cell); });
  on("click", "td[data-edit]", (event, cell) => { if (!event.target.closest("a, button, form")) cell.focus(); });
  on("click", "dd[data-edit]", (event, fact) => { if (!event.target.closest("a, form, button")) void open(fact); });
  on("keydown", "[data-edit]", (event, place) => {
    if (place.classList.contains("is-editing")) {
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); cancel(place); }
      else if (event.key === "Enter" && event.target.matches("input:not([type=search])") && !event.isComposing && !event.target.closest(".ts-wrapper")) { event.preventDefault(); void save(event.target.form); }
      return;
    }
    if (event.target !== place) return;
    if (event.key === "Enter" || event.key === "F2" || event.key === " ") { event.preventDefault(); void open(place); }
    else if (place.matches("td")) walk(event, place);
  });
  on("submit", "form[data-cell-form]", (event, form) => { event.preventDefault(); void save(form); });
  on("change", "td.is-editing select:not([multiple])", (event, select) => { if (select.value) void save(select.form); });
  on("click", "[data-cell-cancel]", (event, button) => cancel(button.closest("[data-edit]")));
}
