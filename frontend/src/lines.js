// The lines of a document: keyboard first, rows pasted from a spreadsheet, sums worked out by the server.
import { all, composing, on, one, ready, say, started, word } from "./dom.js";
import { send } from "./request.js";
import { toast } from "./toast.js";

const PAUSE = 250;
const rowsOf = (table) => all("[data-line]", one("[data-lines-body]", table));
const cellsOf = (row) => all("td[data-key]", row).filter((cell) => !one("[data-shown]", cell));
const controlOf = (cell) => one("select, input:not([type=hidden]), textarea", cell);

/** Numbers rows and names their controls by their place, as the server reads them. */
function renumber(table) {
  const name = table.dataset.lines;
  rowsOf(table).forEach((row, index) => {
    const place = `${name}.${index + 1}`;
    if (row.dataset.line !== place) {
      const old = row.dataset.line;
      for (const node of all(`[name^="${old}."], [id^="id_${old}."], [aria-describedby]`, row)) {
        for (const attribute of ["name", "id", "aria-describedby"]) {
          const value = node.getAttribute(attribute);
          if (value) node.setAttribute(attribute, value.replaceAll(`${old}.`, `${place}.`));
        }
      }
      row.dataset.line = place;
    }
    one("[data-line-no]", row).textContent = index + 1;
  });
  one("[data-lines-count]", table).value = rowsOf(table).length;
}

function focusOn(cell) {
  const control = cell && controlOf(cell);
  if (!control) return;
  if (control.tomselect) control.tomselect.focus();
  else { control.focus(); control.select?.(); }
}

function add(table, after = null) {
  const row = one("[data-lines-blank]", table).content.firstElementChild.cloneNode(true);
  if (after) after.after(row);
  else one("[data-lines-body]", table).append(row);
  renumber(table);
  started(row);
  return row;
}

function isEmpty(row) {
  return cellsOf(row).every((cell) => !(controlOf(cell)?.value ?? "")) && !one(`[name$=".id"]`, row).value;
}

function remove(table, row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  if (!rowsOf(table).length) add(table);
  renumber(table);
  touch(table);
  focusOn(cellsOf(next?.isConnected ? next : rowsOf(table)[0])[0]);
}

function move(table, row, step) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  const focus = document.activeElement;
  if (step < 0) other.before(row);
  else other.after(row);
  renumber(table);
  touch(table);
  focus?.focus();
  say(one("[data-line-no]", row).textContent);
}

function put(cell, value, text) {
  const control = controlOf(cell);
  if (!control) return;
  if (control.tomselect) {
    const picker = control.tomselect;
    if (value === "") picker.clear(true);
    else { picker.addOption({ value: String(value), text: text || String(value) }); picker.setValue(String(value), true); }
  } else if (control.type === "checkbox") control.checked = Boolean(value);
  else if (control.tagName === "SELECT") {
    const wanted = String(value).trim().toLowerCase();
    const found = [...control.options].find((option) => [option.value, option.text].some((word) => word.trim().toLowerCase() === wanted));
    control.value = found ? found.value : "";
  } else control.value = value;
}

/** Rows from a spreadsheet fill the cells to the right and below the one that has the cursor. */
function paste(table, start, text) {
  const block = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
  let row = start.closest("[data-line]");
  const first = cellsOf(row).indexOf(start);
  block.forEach((values, index) => {
    if (index) row = row.nextElementSibling ?? add(table);
    values.forEach((value, offset) => { const cell = cellsOf(row)[first + offset]; if (cell) put(cell, value.trim()); });
  });
  touch(table, 0);
}

function note(cell, text) {
  const place = one("[data-wrong]", cell);
  if (!place) return;
  place.hidden = !text;
  place.textContent = text;
  const control = controlOf(cell);
  if (text) control?.setAttribute("aria-invalid", "true");
  else control?.removeAttribute("aria-invalid");
  control?.tomselect?.wrapper.classList.toggle("is-wrong", Boolean(text));
}

function show(table, rows, answer) {
  answer.rows.forEach((values, index) => {
    for (const cell of all("td[data-key]", rows[index])) {
      const found = values[cell.dataset.key];
      const place = `${table.dataset.lines}.${index + 1}.${cell.dataset.key}`;
      note(cell, answer.errors[place] ?? "");
      if (!found) continue;
      const shown = one("[data-shown]", cell);
      if (shown) shown.textContent = found.text;
      else if (!cell.contains(document.activeElement) && !answer.errors[place]) put(cell, found.value, found.text);
    }
  });
  for (const [key, text] of Object.entries(answer.totals)) {
    const place = one(`[data-total="${key}"]`, table);
    if (place) place.textContent = text;
  }
}

const waiting = new WeakMap();
/** Asks the server what follows from what is typed, a moment after the last key. */
function touch(table, pause = PAUSE) {
  const form = table.closest("form");
  form.dispatchEvent(new Event("input", { bubbles: true }));
  clearTimeout(waiting.get(table)?.timer);
  const turn = (waiting.get(table)?.turn ?? 0) + 1;
  waiting.set(table, { turn, timer: setTimeout(() => void ask(table, form, turn), pause) });
}

async function ask(table, form, turn) {
  const rows = rowsOf(table).filter((row) => !isEmpty(row));
  const response = await send(table.dataset.linesUrl, { method: "POST", body: new FormData(form), quiet: true, headers: { Accept: "application/json" } }).catch(() => null);
  if (!response || waiting.get(table)?.turn !== turn) return;
  if (!response.ok) { toast(word("failed"), { wrong: true }); return; }
  const answer = (await response.json())[table.dataset.lines];
  if (answer && answer.rows.length === rows.length) show(table, rows, answer);
}

function keys(event, cell) {
  const table = cell.closest("[data-lines]");
  const row = cell.closest("[data-line]");
  const picker = controlOf(cell)?.tomselect;
  const open = picker?.isOpen || picker?.inputValue();
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    move(table, row, event.key === "ArrowUp" ? -1 : 1);
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !composing(event) && !open && event.target.tagName !== "TEXTAREA") {
    event.preventDefault();
    const place = cellsOf(row).indexOf(cell);
    const next = event.shiftKey ? row.previousElementSibling : row.nextElementSibling;
    if (next) focusOn(cellsOf(next)[place]);
    else if (!event.shiftKey && !isEmpty(row)) focusOn(cellsOf(add(table))[0]); // a new line begins with its product
  }
}

export function startLines() {
  ready((root) => {
    for (const table of all("[data-lines]", root)) {
      if (!rowsOf(table).length) add(table);
      else renumber(table);
    }
  });
  on("click", "[data-line-add]", (_event, button) => {
    const table = button.closest("[data-lines]");
    focusOn(cellsOf(add(table))[0]);
  });
  on("click", "[data-line-remove]", (_event, button) => remove(button.closest("[data-lines]"), button.closest("[data-line]")));
  on("keydown", "[data-lines] td[data-key]", keys, { capture: true });
  on("paste", "[data-lines] td[data-key]", (event, cell) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[\t\n]./.test(text)) return;
    event.preventDefault();
    paste(cell.closest("[data-lines]"), cell, text);
  }, { capture: true });
  for (const type of ["input", "change"]) {
    on(type, "[data-lines] td[data-key]", (_event, cell) => touch(cell.closest("[data-lines]")));
  }
  on("change", "form .field", (_event, field) => {
    for (const table of all("[data-lines]", field.closest("form"))) touch(table);
  });
}
