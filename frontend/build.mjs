// Bundles scripts and styles, and cuts the icon sprite, into the web surface's static folder.
import { build, context } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "..");
const out = path.join(root, "guanxi/surfaces/web/static/guanxi");
const iconFolder = path.join(here, "node_modules/@tabler/icons/icons/outline");
const strict = process.argv.includes("--strict");

const options = {
  absWorkingDir: here,
  entryPoints: ["src/boot.js", "src/app.js", "src/app.css", "src/calendar.js", "src/chart.js", "src/icon.svg"],
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  splitting: true,
  chunkNames: "chunk-[hash]",
  target: "es2022",
  legalComments: "linked",
  logLevel: "warning",
  loader: { ".woff": "file", ".woff2": "file", ".ttf": "file", ".eot": "file", ".svg": "copy" },
};

async function* filesUnder(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name === "static" || entry.name === "node_modules" || entry.name.startsWith(".")) continue;
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(full);
    else yield full;
  }
}

/** Names from `{% icon "x" %}` and `icon="x"`, from `data-icon="x"` and from icons.txt, with the file that asked. */
async function iconNames() {
  const found = new Map();
  const patterns = [/\{%\s*icon\s+["']([a-z0-9-]+)["']/g, /\bicon\s*=\s*["']([a-z0-9-]+)["']/g];
  for await (const file of filesUnder(path.join(root, "guanxi"))) {
    if (!/\.(html|py)$/.test(file)) continue;
    const text = await readFile(file, "utf8");
    for (const pattern of patterns)
      for (const match of text.matchAll(pattern)) found.set(match[1], path.relative(root, file));
  }
  const list = await readFile(path.join(here, "icons.txt"), "utf8");
  for (const line of list.split("\n")) {
    const name = line.replace(/#.*/, "").trim();
    if (name) found.set(name, "frontend/icons.txt");
  }
  return found;
}

async function sprite() {
  const symbols = [];
  const missing = [];
  for (const [name, file] of [...(await iconNames())].sort()) {
    const svg = await readFile(path.join(iconFolder, `${name}.svg`), "utf8").catch(() => null);
    if (svg === null) {
      missing.push(`${name} (named in ${file})`);
      continue;
    }
    const body = svg.replace(/<!--[\s\S]*?-->/, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s*\n\s*/g, "")}</symbol>`);
  }
  await writeFile(path.join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
  if (missing.length) {
    console.error(`No such icon in @tabler/icons: ${missing.join(", ")}`);
    if (strict) process.exitCode = 1;
  }
  return symbols.length;
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const count = await sprite();
if (process.argv.includes("--watch")) {
  const watcher = await context(options);
  await watcher.watch();
  console.log("watching frontend/src");
} else {
  await build(options);
  console.log(`built ${path.relative(root, out)} with ${count} icons`);
}
