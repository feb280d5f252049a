// Pickers: linked records looked up on the server (which knows pinyin), and several choices at once.
import TomSelect from "tom-select/base";
import removeButton from "tom-select/plugins/remove_button/plugin.js";
import clearButton from "tom-select/plugins/clear_button/plugin.js";
import { all, composing, on, one, ready } from "./dom.js";
import { focusIn } from "./dialog.js";
import { fill, reason, send } from "./request.js";
import { toast } from "./toast.js";

/** The picker that waits for a record being created in the dialog above its form. */
let waiting = null;

/** What is chosen must stay known when the list of suggestions is renewed. */
function forget(picker) {
  const chosen = new Set([picker.getValue()].flat().map(String));
  for (const key of Object.keys(picker.options)) if (!chosen.has(key)) picker.removeOption(key, true);
}

async function createAbove(picker, url, text) {
  const dialog = one("#dialog-new");
  const response = await send(`${url}${url.includes("?") ? "&" : "?"}title=${encodeURIComponent(text)}`, { headers: { "HX-Target": "div#dialog-new-body" } }).catch(() => null);
  if (!response?.ok || response.redirected) { if (response) toast(await reason(response), { wrong: true }); return; }
  waiting = picker;
  fill(one("#dialog-new-body"), await response.text());
  dialog.showModal();
  focusIn(dialog);
}

TomSelect.define("remove_button", removeButton);
TomSelect.define("clear_button", clearButton);

function line(kind) {
  return (data, escape) => {
    const sub = kind === "option" && data.subtitle ? `<small>${escape(data.subtitle)}</small>` : "";
    return `<div>${escape(data.text)}${sub}</div>`;
  };
}

/** An answer to words that are gone: taken note of without opening the list again. */
function settled(picker) {
  picker.loading = Math.max(picker.loading - 1, 0);
  if (!picker.loading) picker.wrapper.classList.remove(picker.settings.loadingClass);
}

/** In a table that scrolls, suggestions must not be cut off with it: they float above, where there is room. */
function afloat(picker) {
  const list = picker.dropdown;
  const place = () => {
    const box = picker.control.getBoundingClientRect();
    const below = innerHeight - box.bottom;
    const up = below < 330 && box.top > below;
    Object.assign(list.style, { left: `${box.left}px`, width: `${Math.max(box.width, Math.min(320, innerWidth - box.left - 12))}px`, top: up ? "auto" : `${box.bottom}px`, bottom: up ? `${innerHeight - box.top + 4}px` : "auto" });
  };
  list.classList.add("is-afloat");
  picker.on("dropdown_open", () => { place(); addEventListener("scroll", place, true); });
  picker.on("dropdown_close", () => removeEventListener("scroll", place, true));
}

/** A record of an answer becomes what is chosen, wherever the cursor is by now. */
function choose(picker, row) {
  picker.addOption(row);
  picker.addItem(String(row.value));
  picker.setTextboxValue("");
}

/** What makes a new record stands below what was found, and a mouse that rests there chooses nothing. */
function createLast(picker) {
  const content = picker.dropdown_content;
  picker.hook("after", "refreshOptions", () => {
    const create = one(".create", content);
    if (create) content.append(create);
  });
  const hovered = picker.onOptionHover.bind(picker);
  picker.onOptionHover = (event, option) => { if (!option.matches(".create") || !one(".option", content)) hovered(event, option); };
}

/** Who leaves a picker must not be called back into it by what was typed there last. */
function leaveInPeace(picker) {
  const rest = () => { clearTimeout(picker.refreshTimeout); picker.refreshTimeout = null; };
  picker.on("blur", rest);
  picker.on("dropdown_close", rest);
}

function remote(select) {
  let answered = null; // the words of the last answer
  let places = new Map(); // where in it each record stood
  let meant = null; // words at which Enter came before their answer: the first of what will be found is meant
  const words = () => picker.inputValue().trim();
  const asking = () => words() !== "" && words() !== answered;
  const hit = () => (words() ? one(".option[data-selectable]:not(.create)", picker.dropdown_content) : null);
  const find = async (query) => {
    const join = select.dataset.lookup.includes("?") ? "&" : "?";
    const response = await send(`${select.dataset.lookup}${join}q=${encodeURIComponent(query)}`, { quiet: true, headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(response.statusText);
    const data = await response.json();
    return data.results ?? data;
  };
  const picker = new TomSelect(select, {
    valueField: "value", labelField: "text", searchField: [], maxOptions: 50, preload: "focus", openOnFocus: true,
    placeholder: select.dataset.placeholder, hideSelected: select.multiple, plugins: select.multiple ? { remove_button: { title: "" } } : select.required ? [] : { clear_button: { title: "", html: () => '<span class="clear-button" aria-hidden="true">×</span>' } },
    shouldLoad: () => true,
    score: () => (row) => places.get(String(row.value)) ?? 0,
    sortField: [{ field: "$order" }],
    load: (query, done) => {
      find(query).then((rows) => {
        if (query.trim() !== words()) { settled(picker); return; }
        forget(picker);
        picker.loadedSearches = {};
        answered = query.trim();
        places = new Map(rows.map((row, index) => [String(row.value), rows.length - index]));
        done(rows);
        if (hit()) picker.setActiveOption(hit());
      }).catch(() => done());
    },
    create: select.dataset.createUrl ? (text) => { void createAbove(picker, select.dataset.createUrl, text); return false; } : false,
    createFilter: () => !asking(),
    render: { option: line("option"), item: line("item"), option_create: (data, escape) => `<div class="create">+ ${escape(select.dataset.createLabel ?? "")} “${escape(data.input)}”</div>`, no_results: () => `<div class="no-results">${select.dataset.empty ?? ""}</div>` },
  });
  createLast(picker);
  leaveInPeace(picker);
  // What was found for other words is no answer to these: Enter must never pick it while the new answer is on its way.
  picker.on("type", () => {
    answered = null;
    places = new Map();
    forget(picker);
    picker.refreshOptions(false);
  });
  const takeFirst = async (query) => {
    meant = query;
    const rows = await find(query).catch(() => []);
    if (meant !== query) return;
    meant = null;
    if (rows.length) choose(picker, rows[0]);
  };
  picker.control_input.addEventListener("input", () => { meant = null; });
  picker.control_input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") meant = null;
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || composing(event)) return;
    if (asking()) void takeFirst(words());
    else if (hit() && !picker.canSelect(picker.activeOption)) picker.onOptionSelect(event, hit());
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  if (select.closest(".lines-scroll")) afloat(picker);
  return picker;
}

function several(select) {
  return new TomSelect(select, { create: "create" in select.dataset, persist: false, plugins: { remove_button: { title: "" } }, hideSelected: true, placeholder: select.dataset.placeholder });
}

export function startSelects() {
  document.body.addEventListener("done", (event) => {
    if (!waiting || !event.detail?.id) return;
    waiting.addOption({ value: String(event.detail.id), text: event.detail.text });
    waiting.addItem(String(event.detail.id));
    waiting = null;
  });
  on("click", "[data-create-above]", (_event, button) => {
    const select = one("select", button.parentElement);
    void createAbove(select.tomselect, select.dataset.createUrl, select.tomselect.inputValue().trim());
  });
  one("#dialog-new")?.addEventListener("close", () => { one("#dialog-new-body").replaceChildren(); waiting = null; });
  ready((root) => {
    for (const select of all("select[data-lookup], select[data-pick]", root)) {
      if (select.tomselect || select.hasAttribute("readonly")) continue;
      const picker = select.dataset.lookup ? remote(select) : several(select);
      if (select.getAttribute("aria-invalid")) picker.wrapper.classList.add("is-wrong");
      if (select.hasAttribute("autofocus") && !picker.getValue().length) picker.focus(); // a list that nobody asked for would cover the form
    }
  });
}
