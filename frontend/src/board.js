// The board: cards dragged by hand or by keys go through the action of their new column; a refusal puts them back.
import Sortable from "sortablejs";
import { all, on, one, ready, say, word } from "./dom.js";
import { show } from "./dialog.js";
import { freshen, obey, reason, send } from "./request.js";
import { toast } from "./toast.js";

/** Where a card is put into another column; empty for a card that stays. */
const moveUrl = (card, key) => (card.dataset.move ? `${card.dataset.move}?to=${encodeURIComponent(key)}` : "");
const columnOf = (card) => card.closest("[data-column]");

function putBack(card, from) {
  from.list.insertBefore(card, from.before?.isConnected ? from.before : null);
  say(word("back"));
}

async function drop(card, from) {
  const column = columnOf(card);
  if (column.dataset.column === from.key) return;
  const url = moveUrl(card, column.dataset.column);
  if (!url) { putBack(card, from); toast(word("notThere"), { wrong: true }); return; }
  const body = new FormData();
  body.set("version", card.dataset.version);
  body.set("once", crypto.randomUUID?.() ?? String(Math.random()));
  card.classList.add("is-waiting");
  const response = await send(url, { method: "POST", body, headers: { "HX-Target": "div#dialog-body" } }).catch(() => null);
  card.classList.remove("is-waiting");
  if (!response) { putBack(card, from); toast(word("failed"), { wrong: true }); return; }
  if (response.ok && !response.redirected) {
    say(word("dropped", one("h3", column).textContent.trim()));
    if (!obey(response)) void freshen();
    return;
  }
  if (response.ok) { void freshen(); return; }
  if (response.status === 422) { show(await response.text(), { cancel: () => putBack(card, from) }); return; }
  putBack(card, from);
  toast(await reason(response), { wrong: true });
}

const origin = (card) => ({ key: columnOf(card).dataset.column, list: card.parentElement, before: card.nextElementSibling });

function markColumns(card) {
  const own = columnOf(card).dataset.column;
  for (const column of all("[data-board] [data-column]")) column.classList.toggle("is-shut", column.dataset.column !== own && !card.dataset.move);
}
const unmark = () => { for (const column of all("[data-board] [data-column]")) column.classList.remove("is-shut", "is-over"); };

function drags(list) {
  let from;
  Sortable.create(list, {
    group: "cards", draggable: "[data-card]", animation: 120, ghostClass: "is-ghost", delay: 160, delayOnTouchOnly: true, touchStartThreshold: 6, scroll: true, bubbleScroll: true,
    onStart: ({ item }) => { from = origin(item); from.before = item.nextElementSibling; markColumns(item); },
    onEnd: ({ item, to }) => { unmark(); if (to !== from.list) void drop(item, from); },
  });
}

let lifted = null;
function settle(back) {
  const { card, from } = lifted;
  lifted = null;
  card.classList.remove("is-lifted");
  unmark();
  if (back) putBack(card, from);
  else void drop(card, from);
  card.focus();
}

function keys(event, card) {
  if (event.target !== card) return;
  if (event.key === " " || (event.key === "Enter" && lifted)) {
    event.preventDefault();
    if (lifted) { settle(false); return; }
    lifted = { card, from: origin(card) };
    card.classList.add("is-lifted");
    markColumns(card);
    say(word("lifted"));
  } else if (event.key === "Escape" && lifted) { event.preventDefault(); settle(true); }
  else if (event.key === "Enter") one("a", card)?.click();
  else if (event.key.startsWith("Arrow")) walk(event, card);
}

function walk(event, card) {
  const columns = all("[data-board] [data-column]");
  const at = columns.indexOf(columnOf(card));
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  event.preventDefault();
  if (lifted && sideways) {
    const target = columns[at + sideways];
    if (!target) return;
    one("[data-cards]", target).prepend(card);
    card.focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    say(one("h3", target).textContent.trim());
  } else if (!lifted && sideways) {
    for (let next = at + sideways; columns[next]; next += sideways) {
      const other = one("[data-card]", columns[next]);
      if (other) { other.focus(); return; }
    }
  } else if (!lifted) {
    (event.key === "ArrowDown" ? card.nextElementSibling : card.previousElementSibling)?.focus();
  }
}

export function startBoard() {
  ready((root) => {
    for (const list of all("[data-board] [data-cards]", root)) if (!Sortable.get(list)) drags(list);
    const board = root.matches?.("[data-board]") ? root : one("[data-board]", root);
    for (const column of all("[data-column]", board ?? document.createElement("div"))) {
      const name = `fold:${board.dataset.board}:${column.dataset.column}`;
      if (localStorage.getItem(name) !== null) column.classList.toggle("is-folded", localStorage.getItem(name) === "1");
    }
  });
  on("keydown", "[data-card]", keys);
  on("click", "[data-fold]", (event, button) => {
    const column = button.closest("[data-column]");
    const folded = column.classList.toggle("is-folded");
    button.setAttribute("aria-expanded", String(!folded));
    localStorage.setItem(`fold:${column.closest("[data-board]").dataset.board}:${column.dataset.column}`, folded ? "1" : "0");
  });
}
