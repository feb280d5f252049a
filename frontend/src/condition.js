// Conditions kept in a form: shown in words, put together in a dialog above the form with the filters of lists.
import { all, on, one, ready } from "./dom.js";
import { focusIn } from "./dialog.js";
import { fill, reason, send } from "./request.js";
import { toast } from "./toast.js";

/** The control whose condition is being put together in the dialog. */
let editing = null;

const kept = (box) => one("[data-condition-tree]", box);

/** The object the condition is about, as another control of the form names it. */
function objectOf(box) {
  const name = box.dataset.condition.split(".").pop();
  return box.closest("form")?.elements[name]?.value ?? "";
}

const query = (box) => new URLSearchParams({ object: objectOf(box), f: kept(box).value.trim() });

async function tell(box) {
  const words = one("[data-condition-words]", box);
  if (!objectOf(box) || !kept(box).value.trim()) return;
  const response = await send(`/condition/words?${query(box)}`, { quiet: true }).catch(() => null);
  if (response?.ok) fill(words, await response.text());
  else words.textContent = response ? await reason(response) : kept(box).value;
}

async function edit(box) {
  if (!objectOf(box)) { toast(box.dataset.missing, { wrong: true }); return; }
  const response = await send(`/condition?${query(box)}`, { headers: { "HX-Target": "div#dialog-new-body" } }).catch(() => null);
  if (!response?.ok) { if (response) toast(await reason(response), { wrong: true }); return; }
  editing = box;
  const dialog = one("#dialog-new");
  fill(one("#dialog-new-body"), await response.text());
  dialog.showModal();
  focusIn(dialog);
}

function keep(box, tree) {
  const control = kept(box);
  control.value = tree;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
  one("[data-condition-edit]", box).focus();
}

export function startConditions() {
  ready((root) => { for (const box of all("[data-condition]", root)) void tell(box); });
  on("click", "[data-condition-edit]", (_event, button) => void edit(button.closest("[data-condition]")));
  on("click", "[data-condition-done]", (_event, button) => {
    one("#dialog-new").close();
    if (editing?.isConnected) keep(editing, button.dataset.conditionDone);
    editing = null;
  });
  on("change", "[data-condition-tree]", (_event, control) => {
    const box = control.closest("[data-condition]");
    if (!control.value.trim()) one("[data-condition-words]", box).replaceChildren(one("template", box).content.cloneNode(true));
    void tell(box);
  });
  on("change", "form select", (_event, select) => {
    for (const box of all("[data-condition]", select.form)) if (box.dataset.condition.split(".").pop() === select.name) void tell(box);
  });
}
