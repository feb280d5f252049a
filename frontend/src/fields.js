// What single controls do: switches, date presets, choices in a conflict, duplicate hints, pictures pasted or dropped.
import { all, on, one, ready, word } from "./dom.js";
import { fill, reason, send } from "./request.js";
import { toast } from "./toast.js";

function day(offset) {
  const date = new Date();
  date.setDate(date.getDate() + Number(offset));
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
}

function put(control, value) {
  if (control.tomselect) control.tomselect.setValue(value);
  else if (control.type === "checkbox") control.checked = value === "true";
  else control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
}

async function upload(area, files) {
  const place = area.closest("form") ?? document;
  const url = area.dataset.uploadUrl ?? one("[data-drop-upload]")?.dataset.dropUpload;
  if (!url) return;
  for (const file of files) {
    const body = new FormData();
    body.append("file", await smaller(file));
    toast(word("uploading"));
    const response = await send(url, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    if (!response?.ok) { toast(response ? await reason(response) : word("failed"), { wrong: true }); continue; }
    const data = await response.json().catch(() => ({}));
    if (area.matches("textarea") && data.name) area.setRangeText(`[${data.name}] `, area.selectionStart, area.selectionEnd, "end");
    if (data.id) place.append?.(hidden(data.id));
  }
}

function hidden(id) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name: "files", value: id });
  return input;
}

/** Photos from a phone are made at most 2000 pixels wide before they travel. */
async function smaller(file) {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < 600_000) return file;
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return file;
  const scale = Math.min(1, 2000 / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
  return blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }) : file;
}

function duplicates() {
  let timer;
  let asked = 0;
  on("input", "form[data-duplicates]", (event, form) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++asked;
      const body = new FormData(form);
      for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
      const response = await send(form.dataset.duplicates, { method: "POST", body, quiet: true }).catch(() => null);
      const place = one("#duplicates", form);
      if (mine === asked && response?.ok && place) fill(place, (await response.text()).trim());
    }, 350);
  });
}

export function startFields() {
  ready((root) => {
    for (const bar of all("[data-share]", root)) bar.style.width = `${Math.max(0, Math.min(100, Number(bar.dataset.share)))}%`;
    for (const dot of all("[data-colour]", root)) if (/^#[0-9a-f]{3,8}$/i.test(dot.dataset.colour)) dot.style.background = dot.dataset.colour;
  });
  on("click", "[data-quick-dates] [data-days]", (event, button) => {
    const target = document.getElementById(button.closest("[data-quick-dates]").dataset.quickDates);
    if (target) put(target, day(button.dataset.days));
  });
  on("change", "[data-clash]", (event, radio) => {
    const control = one(`[name="${CSS.escape(radio.dataset.clash)}"]:not([type=hidden])`, radio.form);
    if (control) put(control, radio.dataset.value);
  });
  on("paste", "[data-paste-image]", (event, area) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) { event.preventDefault(); void upload(area, files); }
  });
  for (const type of ["dragover", "dragleave", "drop"]) {
    on(type, "[data-drop]", (event, zone) => {
      event.preventDefault();
      zone.classList.toggle("is-over", type === "dragover");
      const input = one("input[type=file]", zone);
      if (type === "drop" && input && event.dataTransfer.files.length) { input.files = event.dataTransfer.files; input.dispatchEvent(new Event("change", { bubbles: true })); }
    });
  }
  document.body.addEventListener("blocks", (event) => void send(event.detail.url, { method: "POST", body: event.detail.body, quiet: true }));
  duplicates();
}
