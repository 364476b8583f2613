// Bundle each explorable into one file of ../static, which notebooks and the site load.
// `node bundle.js --check` writes nothing and fails where a bundle is out of step with its source.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static");
const names = readdirSync(here).filter((name) => existsSync(join(here, name, "view.js")));

// A bundle is a classic script, because a page opened from the disk can't load modules. It leaves
// its default export in the global `explorable.default`; a notebook appends an export of that.
const { outputFiles } = await build({
  entryPoints: Object.fromEntries(names.map((name) => [name, join(here, name, "view.js")])),
  bundle: true,
  charset: "utf8",
  format: "iife",
  globalName: "explorable",
  outdir: out,
  target: "es2022",
  write: false,
});

let stale = 0;
for (const { path, text } of outputFiles) {
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
  if (process.argv.includes("--check")) {
    console.error(`${path} is out of step with its source; run: npm run build`);
    stale += 1;
  } else {
    writeFileSync(path, text);
    console.log(path);
  }
}
process.exit(stale ? 1 : 0);
