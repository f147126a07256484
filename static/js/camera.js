// The camera as a scanner. What it reads is put into the scan field of the page below and ended with Enter, exactly as
// a scanner on a cable does it: scan.js takes it from there, and no button is ever pressed. The picture stays here.
/* global ZXingWASM */
const part = document.querySelector("[data-camera]");
const on = (name) => part.querySelector(`[data-camera-${name}]`);
const video = on("video");
const canvas = document.createElement("canvas");
const LOOK_EVERY = 120; // ms
const WIDEST = 1280; // pixels that are looked at
const SAME = 2; // times in a row a code must be read alike
const GONE_AFTER = 1500; // ms without it until the same code counts anew
const READER = { formats: ["Code128", "DataMatrix", "QRCode"], tryHarder: true, textMode: "Plain", maxNumberOfSymbols: 4 };
const GS1 = ["]C1", "]d2", "]Q3"];
const WHY_NOT = {
  NotAllowedError: "The camera was refused. Allow it for this site in the browser’s settings, or type the number below.",
  NotFoundError: "There is no camera here. Type the number below.",
  NotReadableError: "Another program uses the camera. Close it, or type the number below.",
  OverconstrainedError: "That camera is gone. Choose another, or type the number below.",
};
let stream = null;
let last = { text: "", times: 0 };
let sent = { text: "", seen: 0 };

function say(words, wrong = false) {
  part.classList.toggle("camera-wrong", wrong);
  if (on("said").textContent !== words) on("said").textContent = words;
}

function prepare() {
  ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => part.dataset.reader }, fireImmediately: true });
}

async function start(which) {
  if (!window.isSecureContext || !navigator.mediaDevices) {
    say("A browser gives the camera only to an address that begins with https. Open this page that way, or type the number below.", true);
    return;
  }
  stop();
  try {
    const kind = which ? { deviceId: { exact: which } } : { facingMode: "environment" };
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...kind, width: { ideal: WIDEST } } });
  } catch (refused) {
    say(WHY_NOT[refused.name] ?? "The camera does not start. Type the number below.", true);
    return;
  }
  video.srcObject = stream;
  await video.play();
  on("view").hidden = false;
  on("start").textContent = "Stop the camera";
  say("Hold it over one code.");
  offerLight();
  await offerCameras();
  look();
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  on("view").hidden = true;
  on("light").hidden = true;
  on("start").textContent = "Start the camera";
}

function offerLight() {
  const [track] = stream.getVideoTracks();
  on("light").hidden = !track.getCapabilities?.().torch;
  on("light").setAttribute("aria-pressed", "false");
}

async function offerCameras() {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
  const choice = on("which").querySelector("select");
  const now = stream?.getVideoTracks()[0].getSettings().deviceId;
  choice.replaceChildren(...cameras.map((one, n) => new Option(one.label || `camera ${n + 1}`, one.deviceId, false, one.deviceId === now)));
  on("which").hidden = cameras.length < 2;
}

function picture() {
  const scale = Math.min(1, WIDEST / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(video, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

async function look() {
  const mine = stream;
  if (!mine) return;
  try {
    if (video.videoWidth) judge(await ZXingWASM.readBarcodes(picture(), READER));
  } catch {
    say("The reader of barcodes does not start. Type the number below.", true);
    stop();
    return;
  }
  setTimeout(() => { if (stream === mine) look(); }, LOOK_EVERY);
}

function judge(found) {
  const texts = [...new Set(found.filter((one) => one.isValid && one.text).map(textOf))];
  if (texts.includes(sent.text)) {
    if (Date.now() - sent.seen < GONE_AFTER) sent.seen = Date.now();
    else sent = { text: "", seen: 0 }; // it had gone and came back
  }
  part.classList.toggle("camera-found", texts.length === 1);
  if (texts.length !== 1) {
    last = { text: "", times: 0 };
    if (texts.length > 1) say("Several codes are in the picture. Go nearer to one of them.");
    return;
  }
  last = texts[0] === last.text ? { ...last, times: last.times + 1 } : { text: texts[0], times: 1 };
  if (last.times >= SAME && last.text !== sent.text) type(last.text);
}

function textOf(one) {
  return (GS1.includes(one.symbologyIdentifier) ? one.symbologyIdentifier : "") + one.text;
}

function type(text) {
  const field = document.querySelector("#main [data-scan-home]");
  if (!field || field.closest(".htmx-request") || document.querySelector(".htmx-request")) return;
  sent = { text, seen: Date.now() };
  field.value = text;
  tell();
  say("Read. Take the next one.");
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}

function tell() {
  if (on("shake").checked) navigator.vibrate?.(60);
  if (!on("sound").checked) return;
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  tone.frequency.value = 1320;
  tone.connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.07);
  tone.onended = () => audio.close();
}

on("start").addEventListener("click", () => (stream ? (stop(), say("The camera is off.")) : start()));
on("which").addEventListener("change", (event) => start(event.target.value));
on("light").addEventListener("click", async () => {
  const lit = on("light").getAttribute("aria-pressed") !== "true";
  await stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: lit }] });
  on("light").setAttribute("aria-pressed", String(lit));
});
// A phone put away looks no longer, and neither does a page that was locked.
document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); });
addEventListener("pagehide", stop);
new MutationObserver(() => { if (!part.isConnected) stop(); }).observe(document.body, { childList: true });
prepare();
