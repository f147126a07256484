// A scanner is quicker than the server. While an answer is awaited the field is about to be replaced, so what is
// scanned meanwhile is kept here and sent after it, one by one. A refusal stops the round: its sentence stays in
// sight, and what was scanned after it is named, not sent.
let awaited = ""; // the number on its way
let stopped = false; // refused or unanswered while a scan is still being typed
let begun = ""; // digits of a scan that has not ended yet
const kept = []; // whole scans

function home() {
  return document.querySelector("form[hx-post] [data-scan-home]");
}

/** What was scanned, without spaces and control signs. In a GS1 code a separator means something: a bar stands for it. */
export function clean(value, field) {
  const kept = field?.matches("[data-scan-gs1]") ? value.replace(/\u001d/g, "|") : value;
  return kept.replace(/[\s\u0000-\u001f]+/g, "").toUpperCase();
}

/** Send what stands in the field, and listen here until the answer stands. */
export function send(field) {
  awaited = field.value;
  field.form.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
}

document.addEventListener("keydown", (event) => {
  if (!(awaited || stopped) || event.ctrlKey || event.altKey || event.metaKey) return;
  const here = event.target;
  if (here !== document.body && here.id !== "main" && !here.matches?.("[data-scan-home]")) return;
  if (event.key === "Enter") {
    if (begun) kept.push(clean(begun));
    begun = "";
  } else if (event.key.length === 1) begun += event.key;
  else return;
  event.preventDefault();
  event.stopPropagation();
  if (stopped && !begun) tellUnsent("");
}, true);

function tellUnsent(why) {
  stopped = begun !== "";
  const field = home();
  const unsent = kept.splice(0);
  if (!field || (!unsent.length && !why)) return;
  const said = document.createElement("p");
  said.className = "field-error scan-error";
  said.setAttribute("role", "alert");
  said.textContent = [why, unsent.length ? `Not sent: ${unsent.join(", ")}. Scan again.` : ""].join(" ").trim();
  const before = [...field.form.querySelectorAll(".scan-error")].at(-1) ?? field.closest(".scan-box");
  before.after(said);
  field.select();
}

document.addEventListener("htmx:afterSettle", (event) => {
  const field = home();
  if (!awaited || !field || !event.target.contains(field)) return; // the tabs settle too
  awaited = "";
  if (field.closest("form").querySelector(".scan-error, .field-error")) {
    field.select(); // the next scan takes its place
    tellUnsent("");
  } else if (kept.length) {
    field.value = kept.shift();
    send(field);
  } else {
    field.value = begun;
    begun = "";
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  const status = event.detail.xhr?.status ?? 0;
  if (!awaited || (status >= 200 && status < 400) || status === 422) return;
  kept.unshift(awaited);
  awaited = "";
  tellUnsent("The server does not answer.");
});
