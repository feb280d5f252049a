// Pickers: linked records looked up on the server (which knows pinyin), and several choices at once.
import TomSelect from "tom-select/base";
import removeButton from "tom-select/plugins/remove_button/plugin.js";
import clearButton from "tom-select/plugins/clear_button/plugin.js";
import { all, on, one, ready } from "./dom.js";
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

function remote(select) {
  let answered = null; // the words of the last answer
  let eager = false; // Enter came before the answer: the first of what will be found is meant
  const asking = () => picker.inputValue().trim() !== "" && picker.inputValue().trim() !== answered;
  const picker = new TomSelect(select, {
    valueField: "value", labelField: "text", searchField: [], maxOptions: 50, preload: "focus", openOnFocus: true,
    placeholder: select.dataset.placeholder, hideSelected: select.multiple, plugins: select.multiple ? { remove_button: { title: "" } } : select.required ? [] : { clear_button: { title: "", html: () => '<span class="clear-button" aria-hidden="true">×</span>' } },
    shouldLoad: () => true,
    sortField: [{ field: "$order" }],
    load: (query, done) => {
      const join = select.dataset.lookup.includes("?") ? "&" : "?";
      send(`${select.dataset.lookup}${join}q=${encodeURIComponent(query)}`, { quiet: true, headers: { Accept: "application/json" } })
        .then((response) => (response.ok ? response.json() : { results: [] }))
        .then((data) => {
          if (query !== picker.inputValue().trim() && query !== picker.inputValue()) { settled(picker); return; }
          forget(picker);
          picker.loadedSearches = {};
          answered = query.trim();
          const rows = data.results ?? data;
          done(rows);
          if (eager && rows.length) picker.addItem(String(rows[0].value));
          eager = false;
        })
        .catch(() => { answered = query.trim(); eager = false; done(); });
    },
    create: select.dataset.createUrl ? (text) => { void createAbove(picker, select.dataset.createUrl, text); return false; } : false,
    createFilter: () => !asking(),
    render: { option: line("option"), item: line("item"), option_create: (data, escape) => `<div class="create">+ ${escape(select.dataset.createLabel ?? "")} “${escape(data.input)}”</div>`, no_results: () => `<div class="no-results">${select.dataset.empty ?? ""}</div>` },
  });
  // What was found for other words is no answer to these: Enter must never pick it while the new answer is on its way.
  picker.on("type", () => {
    answered = null;
    forget(picker);
    picker.refreshOptions(false);
  });
  picker.control_input.addEventListener("input", () => { eager = false; });
  picker.control_input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !asking()) return;
    event.preventDefault();
    event.stopPropagation();
    eager = true;
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
      if (select.hasAttribute("autofocus")) picker.focus();
    }
  });
}
