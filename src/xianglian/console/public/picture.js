// Reads a QR code out of a picture: the browser draws it, grey pixels go to /verify/qr, the text comes back.
async function pixels(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, 1400 / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
  const grey = new Uint8Array(canvas.width * canvas.height);
  for (let i = 0; i < grey.length; i++) grey[i] = (data[4 * i] * 77 + data[4 * i + 1] * 150 + data[4 * i + 2] * 29) >> 8;
  return {grey, width: canvas.width};
}

export async function readPicture(file) {
  const {grey, width} = await pixels(file);
  const answer = await fetch(`/verify/qr?width=${width}`, {method: "POST", body: grey});
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json()).text;
}
