// Column widths dragged by hand, and lists put in order by hand or by buttons.
import Sortable from "sortablejs";
import { all, on, one, ready, say, word } from "./dom.js";

const nameOf = (grid) => `widths:${grid.dataset.grid}`;

function widths(grid) {
  try { return JSON.parse(localStorage.getItem(nameOf(grid)) ?? "{}"); } catch { return {}; }
}

function set(head, width) {
  head.style.width = head.style.minWidth = head.style.maxWidth = `${width}px`;
  const at = head.cellIndex;
  for (const row of head.closest("table").querySelectorAll("tbody tr, tfoot tr")) if (row.cells[at]) row.cells[at].style.maxWidth = `${width}px`;
}

export function startColumns() {
  ready((root) => {
    for (const grid of all("[data-grid]", root)) {
      const kept = widths(grid);
      for (const head of all("th[data-column]", grid)) {
        const width = Number(kept[head.dataset.column] ?? head.dataset.width ?? 0);
        if (width && innerWidth > 767) set(head, width);
      }
    }
    for (const list of all("[data-sort-list]", root)) if (!Sortable.get(list)) Sortable.create(list, { handle: "[data-grip-row]", animation: 120, ghostClass: "is-ghost" });
    for (const list of all("[data-block-column]", root)) if (!Sortable.get(list)) blocks(list);
  });
  on("pointerdown", "[data-grip]", (event, grip) => {
    const head = grip.closest("th");
    const grid = head.closest("[data-grid]");
    const start = event.clientX - head.offsetWidth;
    event.preventDefault();
    grip.classList.add("is-held");
    grip.setPointerCapture(event.pointerId);
    const move = (each) => set(head, Math.max(64, Math.round(each.clientX - start)));
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", () => {
      grip.removeEventListener("pointermove", move);
      grip.classList.remove("is-held");
      localStorage.setItem(nameOf(grid), JSON.stringify({ ...widths(grid), [head.dataset.column]: head.offsetWidth }));
    }, { once: true });
  });
  on("click", "[data-option-add]", (_event, button) => {
    const table = button.closest(".options-table");
    one("tbody", table).append(one("template", table).content.cloneNode(true));
    one("tbody tr:last-child input:not([type=hidden])", table).focus();
  });
  on("click", "[data-option-remove]", (_event, button) => button.closest("tr").remove());
  on("click", "[data-sort-list] [data-move]", (event, button) => {
    const item = button.closest("li, tr");
    if (button.dataset.move === "-1") item.previousElementSibling?.before(item);
    else item.nextElementSibling?.after(item);
    button.focus();
    say(word("movedColumn"));
  });
}

function blocks(list) {
  const home = list.closest("[data-blocks]");
  Sortable.create(list, {
    group: "blocks", handle: ".card-head", filter: "a, button", preventOnFilter: false, animation: 120, delay: 200, delayOnTouchOnly: true,
    onEnd: () => {
      const body = new FormData();
      body.append("drag", "1");
      for (const column of all("[data-block-column]", home)) for (const block of all("[data-block]", column)) body.append(column.dataset.blockColumn, block.dataset.block);
      document.body.dispatchEvent(new CustomEvent("blocks", { detail: { url: home.dataset.blocks, body } }));
    },
  });
}
