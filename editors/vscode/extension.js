// Starts `xl contract language-server` and shows what it reports; everything else is the compiler's.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const command = workspace.getConfiguration("xianglian").get("command");
  const server = { command, args: ["contract", "language-server"] };
  const options = { documentSelector: [{ scheme: "file", language: "python" }] };
  client = new LanguageClient("xianglian", "Xianglian contracts", server, options);
  return client.start();
};

exports.deactivate = () => client && client.stop();
