// Result entry: value boxes inside [data-grid]. Enter and arrow down go to the next box, arrow up to the one before.
// Typing ".." writes the word in data-not-done ("not done") unless it is spelt otherwise on the grid.
// A box that is left with another value asks the server ("left") how its row stands with it; nothing is judged here.
// F, Y and N act on the row in use: from its buttons, or in a box for figures after a figure, where no letter belongs.
// [data-grid-count=form] counts the filled boxes of that form, besides those saved elsewhere.
import { goTo, singleKeysOff, usable } from "./dom.js";

const NOT_DONE = ["not done", "not tested", ".."];
let last = boxOf(document.activeElement); // the value box in use last: somebody may type before this file has come

function boxes(grid) {
  return [...grid.querySelectorAll("input.result")].filter((box) => usable(box) && !box.readOnly);
}

function beside(box) {
  return box && document.getElementById(box.name.replace(/^value-/, "beside-"));
}

function boxOf(element) {
  const own = element.closest?.("[data-value]")?.querySelector("input.result");
  const line = element.closest?.(".g-beside");
  return own ?? (line && document.getElementsByName(line.id.replace(/^beside-/, "value-"))[0]) ?? null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const here = event.target;
  const grid = here.closest?.("[data-grid]");
  const box = grid && boxOf(here);
  if (!box || !here.matches("input") || /^(radio|checkbox)$/.test(here.type)) return;
  const step = { Enter: 1, ArrowDown: 1, ArrowUp: here === box ? -1 : 0 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const all = boxes(grid);
  const next = all[all.indexOf(box) + step];
  if (next) {
    goTo(next);
    next.select();
  } else if (event.key === "Enter") {
    const button = [...(box.form?.elements ?? [])].find((one) => one.matches("[data-main]"));
    if (usable(button)) goTo(button); // the focus only: the person presses it
  }
});

function notDone(box) {
  box.value = box.closest("[data-grid]").dataset.notDone ?? "not done";
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  const box = event.target;
  if (!box.matches?.("[data-grid] input.result")) return;
  const unsaid = beside(box)?.querySelector("[data-repeat-unsaid]"); // a repeat is of the value it was said of
  if (unsaid) unsaid.checked = true;
  if (box.value === "..") notDone(box);
});

// The whole row is clickable.
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-grid] tr[data-value]");
  if (!row || event.target.closest("a, button, input, label, select, textarea")) return;
  const box = boxes(row)[0];
  if (box && !String(getSelection())) box.focus();
});

// Comment and repeat of one value.
function say(text) {
  const line = document.querySelector("[data-row-said]");
  if (line) line.textContent = text;
}

function open(box) {
  const line = beside(box);
  line?.classList.add("is-open");
  return line;
}

function repeated(box, choice) {
  const radio = open(box)?.querySelector(`[data-repeat="${choice}"]`);
  if (!radio) return false;
  radio.checked = true;
  say(`${box.labels[0]?.textContent ?? ""} ${radio.closest("label").textContent.trim().slice(1)}`);
  return true;
}

function act(key, box) {
  if (!box) return false;
  if (key === "y") return repeated(box, "yes");
  if (key === "n") return repeated(box, "no");
  if (key === "..") {
    notDone(box);
    goTo(box);
    return true;
  }
  const field = key === "f" && open(box)?.querySelector("input:not([type=radio])");
  if (field) goTo(field);
  return Boolean(field);
}

// In a box for figures a letter after a figure is no text; anywhere else text comes first.
function afterFigure(box) {
  const end = box.value.length;
  return box.inputMode === "decimal" && /[0-9]$/.test(box.value) && box.selectionStart === end;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || singleKeysOff()) return;
  const here = event.target;
  const box = here.closest?.("[data-grid]") && boxOf(here);
  if (!box || event.key.length !== 1) return;
  const free = here === box ? afterFigure(box) : !here.matches("input:not([type=radio])");
  if (free && act(event.key.toLowerCase(), box)) event.preventDefault();
});

for (const button of document.querySelectorAll("[data-row-key]")) {
  button.hidden = false;
  button.addEventListener("click", () => act(button.dataset.rowKey, last ?? document.querySelector("[data-grid] input.result")));
}

// The row by the rules of the server, as soon as its box is left with another value.
document.addEventListener("focusin", (event) => {
  const box = event.target.matches?.("[data-grid] input.result") ? event.target : boxOf(event.target);
  if (box) last = box;
});
document.addEventListener("focusout", (event) => {
  const box = event.target;
  if (!box.matches?.("[data-grid] input.result") || box.value.trim() === (box.dataset.judged ?? box.defaultValue)) return;
  box.dataset.judged = box.value.trim();
  box.dispatchEvent(new CustomEvent("left"));
});
document.addEventListener("htmx:afterRequest", (event) => {
  const box = event.detail.elt;
  if (!box.matches?.("[data-grid] input.result")) return;
  if (event.detail.successful) mark(box);
  else delete box.dataset.judged;
});

function mark(box) {
  const name = box.name.replace(/^value-/, "");
  const flag = document.getElementById(`flag-${name}`);
  const note = document.getElementById(`note-${name}`);
  const wrong = "refused" in note.dataset;
  const row = box.closest("tr");
  row.classList.toggle("g-impossible", wrong);
  row.classList.toggle("g-critical", "critical" in flag.dataset);
  box.classList.toggle("is-wrong", wrong);
  box.classList.toggle("is-critical", "critical" in flag.dataset);
  box.toggleAttribute("aria-invalid", wrong);
  if (wrong) box.setAttribute("aria-invalid", "true");
  if (note.hidden) box.removeAttribute("aria-describedby");
  else box.setAttribute("aria-describedby", `said-${name}`);
  if ("asks" in flag.dataset) open(box);
  say([flag.textContent.trim() && `${box.labels[0]?.textContent ?? ""} ${flag.textContent.trim()}`, note.hidden ? "" : note.textContent.trim()].filter(Boolean).join(". "));
  count();
}

function count() {
  for (const line of document.querySelectorAll("[data-grid-count]")) {
    const form = document.getElementById(line.dataset.gridCount);
    const all = [...form.querySelectorAll("input.result")];
    const elsewhere = Number(line.dataset.saved) - all.filter((box) => "held" in box.dataset).length;
    const typed = all.filter((box) => box.value.trim()).length + elsewhere;
    const wrong = form.querySelectorAll("input.is-wrong").length;
    const things = wrong ? ` · ${wrong} to put right` : "";
    line.textContent = `${typed} of ${line.dataset.of} typed${things}`;
  }
}

document.addEventListener("input", (event) => {
  const box = event.target;
  if (!box.matches?.("[data-grid] input.result")) return;
  box.classList.toggle("is-not-done", NOT_DONE.includes(box.value.trim().toLowerCase()));
  count();
});
count();
