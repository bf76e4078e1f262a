// The page /verify: a QR picture is read into the text field; the chosen file's name is shown.
import {readPicture} from "/assets/picture.js";

const box = document.getElementById("picture-box");
const said = document.getElementById("picture-said");
const proof = document.getElementById("proof");

box.hidden = false;
document.getElementById("picture").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  if (!file) return;
  said.textContent = box.dataset.reading;
  try {
    document.getElementById("text").value = await readPicture(file);
    said.textContent = box.dataset.found;
  } catch {
    said.textContent = box.dataset.none;
  }
});
proof.addEventListener("change", () => {
  if (proof.files[0]) document.getElementById("file-name").textContent = proof.files[0].name;
});
