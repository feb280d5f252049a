// The calendar face: loaded only where a page shows one.
import "temporal-polyfill/global";
import { Calendar } from "fullcalendar";
import dayGrid from "fullcalendar/daygrid";
import timeGrid from "fullcalendar/timegrid";
import interaction from "fullcalendar/interaction";
import theme from "fullcalendar/themes/classic";
import chinese from "fullcalendar/locales/zh-cn";
import taiwanese from "fullcalendar/locales/zh-tw";
import "fullcalendar/skeleton.css";
import "fullcalendar/themes/classic/theme.css";
import "fullcalendar/themes/classic/palette.css";
import { openUrl } from "./dialog.js";
import { obey, reason, send } from "./request.js";
import { toast } from "./toast.js";

const locales = { "zh-hans": "zh-cn", "zh-hant": "zh-tw" };

async function move(place, info) {
  const body = new FormData();
  body.set("day", info.event.startStr.slice(0, 16)); // wall clock: the server knows the zone
  body.set("version", info.event.extendedProps.version ?? "");
  const response = await send(place.dataset.move.replace("{id}", encodeURIComponent(info.event.id)), { method: "POST", body }).catch(() => null);
  if (response?.ok) { obey(response); return; }
  info.revert();
  if (response) toast(await reason(response), { wrong: true });
}

export function start(place) {
  const narrow = innerWidth < 768;
  const calendar = new Calendar(place, {
    plugins: [dayGrid, timeGrid, interaction, theme],
    locales: [chinese, taiwanese],
    locale: locales[place.dataset.language] ?? "en",
    initialView: narrow ? "dayGridDay" : place.dataset.view,
    initialDate: place.dataset.start || undefined, now: place.dataset.now || undefined,
    firstDay: 1, height: "100%", nowIndicator: true, dayMaxEvents: 4, editable: Boolean(place.dataset.move),
    headerToolbar: { left: "title", right: narrow ? "prev,today,next" : "dayGridMonth,timeGridWeek,timeGridDay prev,today,next" },
    events: place.dataset.calendar,
    dateClick: (info) => { if (place.dataset.create) void openUrl(`${place.dataset.create}?day=${info.dateStr.slice(0, 16)}`, { wide: true }); },
    eventDrop: (info) => void move(place, info),
  });
  calendar.render();
  document.body.addEventListener("saved", () => calendar.refetchEvents());
  return calendar;
}
