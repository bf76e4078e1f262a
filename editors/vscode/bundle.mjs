// Makes dist/: the extension with the packages that it uses in one file, and the licences of those packages.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const { metafile } = await build({
  entryPoints: ["extension.js"],
  outfile: "dist/extension.js",
  bundle: true,
  minify: true,
  platform: "node",
  target: "node18",
  external: ["vscode"],
  metafile: true,
});

const folders = new Set();
for (const file of Object.keys(metafile.inputs)) {
  const folder = file.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/);
  if (folder) folders.add(folder[0]);
}
const texts = [...folders].sort().map((folder) => {
  const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const licence = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (!licence) throw new Error(`${name} ${version} states no licence`);
  return `${name} ${version}\n\n${readFileSync(`${folder}/${licence}`, "utf8").trim()}\n`;
});
writeFileSync("dist/LICENCES.txt", texts.join("\n----\n\n"));
