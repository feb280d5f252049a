// Starts every behaviour of the pages; each module reacts to data attributes and does nothing where they are absent.
import "htmx.org/dist/htmx.esm.js";
import { started } from "./dom.js";
import { startBoard } from "./board.js";
import { startColumns } from "./columns.js";
import { startDialogs } from "./dialog.js";
import { startDrafts } from "./draft.js";
import { startFields } from "./fields.js";
import { startHotkeys } from "./hotkeys.js";
import { startInline } from "./inline.js";
import { startLines } from "./lines.js";
import { startMass } from "./mass.js";
import { startMenus } from "./menus.js";
import { startMentions } from "./mention.js";
import { startOnce } from "./once.js";
import { startPage } from "./page.js";
import { startPalette } from "./palette.js";
import { freshen, obey, reason, send } from "./request.js";
import { startSelects } from "./select.js";
import { startRail, startTheme } from "./theme.js";
import { startToasts, toast } from "./toast.js";

startTheme();
startRail();
startToasts(async (url) => {
  const response = await send(url, { method: "POST" });
  if (!response.ok) toast(await reason(response), { wrong: true });
  else if (!obey(response)) void freshen();
});
startMenus();
startDialogs();
startPalette();
startSelects();
startMentions();
startDrafts();
startOnce();
startInline();
startLines();
startMass();
startBoard();
startColumns();
startFields();
startHotkeys();
startPage();

document.addEventListener("htmx:after:swap", (event) => started(event.detail.ctx.target ?? document));
document.addEventListener("htmx:before:request", () => document.getElementById("progress")?.classList.add("is-busy"));
document.addEventListener("htmx:finally:request", () => document.getElementById("progress")?.classList.remove("is-busy"));
