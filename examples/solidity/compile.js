// Compiles the contracts here with the `solc` package and writes artefacts {contractName, abi, bytecode, compiler}.
//   npm install solc@0.8.37 && node compile.js [FOLDER]
// The settings are solc's own but for the optimiser and the hash of the metadata, which is left out so that the same
// source gives the same bytes everywhere.
const fs = require("fs"), path = require("path");
const solc = require(require.resolve("solc", { paths: [process.cwd(), __dirname] }));
const names = ["Token", "Probe"];
const sources = Object.fromEntries(
  names.map((name) => [`${name}.sol`, { content: fs.readFileSync(path.join(__dirname, `${name}.sol`), "utf8") }]));
const settings = {
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
};
const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings })));
for (const each of output.errors || []) {
  console.error(each.formattedMessage);
  if (each.severity === "error") process.exit(1);
}
const folder = process.argv[2] || __dirname;
for (const name of names) {
  const made = output.contracts[`${name}.sol`][name];
  const artefact = {
    contractName: name, abi: made.abi, bytecode: "0x" + made.evm.bytecode.object, compiler: solc.version(),
  };
  fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(artefact, null, 1) + "\n");
}
