// Fails the build when the first page grows past its budget. Sizes are those of the gzip twins.
import { readFileSync, readdirSync, statSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const limits = { first_page_js: 230_000, login_js: 15_000, route_js: 60_000, css: 45_000, everything_br: 600_000 };

const gzipped = (file) => statSync(new URL(`${file}.gz`, dist)).size;

// Files that a page needs: the chunk and everything that it imports statically.
function needed(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) needed(next, seen);
  return seen;
}

const sum = (keys) => [...keys].reduce((total, key) => total + gzipped(manifest[key].file), 0);
const entry = needed("src/app/main.tsx", needed("index.html"));
const signIn = needed("src/sign-in/page.ts", needed("index.html"));
const route = (name) => needed(`src/pages/${name}.tsx`);
const beyondEntry = (name) => sum([...route(name)].filter((key) => !entry.has(key)));

const pages = Object.keys(manifest)
  .map((key) => /^src\/pages\/(.+)\.tsx$/.exec(key)?.[1])
  .filter(Boolean);
const files = readdirSync(new URL("assets/", dist));

const measured = {
  first_page_js: sum(entry) + (pages.includes("dashboard") ? beyondEntry("dashboard") : 0),
  login_js: sum(signIn),
  route_js: Math.max(0, ...pages.map(beyondEntry)),
  css: files.filter((f) => f.endsWith(".css")).reduce((total, f) => total + gzipped(`assets/${f}`), 0),
  everything_br: files
    .filter((f) => f.endsWith(".br"))
    .reduce((total, f) => total + statSync(new URL(`assets/${f}`, dist)).size, 0),
};

let failed = false;
for (const [name, limit] of Object.entries(limits)) {
  const over = measured[name] > limit;
  failed ||= over;
  console.log(`${over ? "OVER " : "     "}${name.padEnd(14)} ${(measured[name] / 1000).toFixed(1).padStart(6)} kB of ${limit / 1000} kB`);
}
process.exit(failed ? 1 : 0);
