// Pickers: linked records looked up on the server (which knows pinyin), and several choices at once.
import TomSelect from "tom-select/base";
import removeButton from "tom-select/plugins/remove_button/plugin.js";
import clearButton from "tom-select/plugins/clear_button/plugin.js";
import { all, ready } from "./dom.js";
import { openUrl } from "./dialog.js";
import { send } from "./request.js";

TomSelect.define("remove_button", removeButton);
TomSelect.define("clear_button", clearButton);

function line(kind) {
  return (data, escape) => {
    const sub = kind === "option" && data.subtitle ? `<small>${escape(data.subtitle)}</small>` : "";
    return `<div>${escape(data.text)}${sub}</div>`;
  };
}

function remote(select) {
  const picker = new TomSelect(select, {
    valueField: "value", labelField: "text", searchField: [], maxOptions: 50, preload: "focus", openOnFocus: true,
    placeholder: select.dataset.placeholder, plugins: select.required ? [] : { clear_button: { title: "", html: () => '<span class="clear-button" aria-hidden="true">×</span>' } },
    shouldLoad: () => true,
    sortField: [{ field: "$order" }],
    load: (query, done) => {
      const join = select.dataset.lookup.includes("?") ? "&" : "?";
      send(`${select.dataset.lookup}${join}q=${encodeURIComponent(query)}`, { quiet: true, headers: { Accept: "application/json" } })
        .then((response) => (response.ok ? response.json() : { results: [] }))
        .then((data) => {
          const chosen = picker.getValue();
          for (const key of Object.keys(picker.options)) if (key !== String(chosen)) picker.removeOption(key, true);
          picker.loadedSearches = {};
          done(data.results ?? data);
        })
        .catch(() => done());
    },
    create: select.dataset.createUrl ? (text) => { void openUrl(`${select.dataset.createUrl}?title=${encodeURIComponent(text)}`); return false; } : false,
    render: { option: line("option"), item: line("item"), no_results: () => `<div class="no-results">${select.dataset.empty ?? ""}</div>` },
  });
  return picker;
}

function several(select) {
  return new TomSelect(select, { plugins: { remove_button: { title: "" } }, hideSelected: true, placeholder: select.dataset.placeholder });
}

export function startSelects() {
  ready((root) => {
    for (const select of all("select[data-lookup], select[data-pick]", root)) {
      if (select.tomselect || select.hasAttribute("readonly")) continue;
      const picker = select.dataset.lookup ? remote(select) : several(select);
      if (select.getAttribute("aria-invalid")) picker.wrapper.classList.add("is-wrong");
      if (select.hasAttribute("autofocus")) picker.focus();
    }
  });
}
