// Result entry: inputs inside [data-grid]. Enter and arrow down go to the next box, arrow up to the one before.
// Typing ".." writes the word in data-not-done ("not done") unless it is spelt otherwise on the grid.
// A box that is left with what cannot be (data-low, data-high, data-choices) is marked at once; saving refuses it anyway.
// [data-grid-count=form] counts the filled boxes of that form, besides those saved elsewhere.
import { goTo, usable } from "./dom.js";

const NUMBER = /^(?:<=|>=|[<>≤≥])? ?([+−–-]?\d{1,8}(?:\.\d{1,6})?)$/;
const NOT_DONE = ["not done", "not tested", ".."];

function boxes(grid) {
  return [...grid.querySelectorAll("input:not([type=hidden]):not([type=radio]):not([type=checkbox])")]
    .filter((box) => usable(box) && !box.readOnly);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const box = event.target;
  const grid = box.closest?.("[data-grid]");
  if (!grid || !box.matches("input") || /^(radio|checkbox)$/.test(box.type)) return;
  const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
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

document.addEventListener("input", (event) => {
  const box = event.target;
  const grid = box.closest?.("[data-grid]");
  if (grid && box.matches("input") && box.value === "..") box.value = grid.dataset.notDone ?? "not done";
});

// The whole row is clickable.
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-grid] tr");
  if (!row || event.target.closest("a, button, input, label, select, textarea")) return;
  const box = boxes(row)[0];
  if (box && !String(getSelection())) box.focus();
});

// What the server will refuse, said when the box is left. "" is fine, or left to the server to say.
function objection(box) {
  const typed = box.value.trim();
  if (!typed || NOT_DONE.includes(typed.toLowerCase())) return "";
  const { choices, wrong, low, high, impossible } = box.dataset;
  if (choices) return choices.toLowerCase().split("|").includes(typed.toLowerCase()) ? "" : wrong;
  if (!impossible) return "";
  const number = NUMBER.exec(typed);
  if (!number) return `“${typed.slice(0, 20)}” is not a number. Type it from the print-out, for example 6.8, <5 or >1000.`;
  const value = Number(number[1].replace(/[−–]/, "-"));
  return value < Number(low) || value > Number(high) ? impossible.replace("…", number[1].replace("-", "−")) : "";
}

function judge(box) {
  const row = box.closest("tr");
  const shape = document.getElementById("grid-objection");
  if (!row || !shape) return;
  const said = objection(box);
  const after = row.nextElementSibling;
  if (after?.matches("[data-objection], [data-refused]")) after.remove();
  row.classList.toggle("g-impossible", Boolean(said));
  box.classList.toggle("is-wrong", Boolean(said));
  box.toggleAttribute("aria-invalid", Boolean(said));
  box.removeAttribute("aria-describedby");
  if (!said) return;
  const message = shape.content.querySelector("tr").cloneNode(true);
  message.querySelector("b").textContent = said;
  message.querySelector(".g-message-in").id = `${box.id}-error`;
  box.setAttribute("aria-invalid", "true");
  box.setAttribute("aria-describedby", `${box.id}-error`);
  row.after(message);
}

function count() {
  for (const line of document.querySelectorAll("[data-grid-count]")) {
    const form = document.getElementById(line.dataset.gridCount);
    const all = [...form.querySelectorAll("input.result")];
    const elsewhere = Number(line.dataset.saved) - all.filter((box) => "held" in box.dataset).length;
    const typed = all.filter((box) => box.value.trim()).length + elsewhere;
    const wrong = form.querySelectorAll("input.is-wrong").length;
    const things = wrong ? ` · ${wrong} ${wrong === 1 ? "thing" : "things"} to put right` : "";
    line.textContent = `${typed} of ${line.dataset.of} typed${things}`;
  }
}

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-grid] input.result")) return;
  judge(event.target);
  count();
});
document.addEventListener("input", (event) => {
  const box = event.target;
  if (!box.matches?.("[data-grid] input.result")) return;
  box.classList.toggle("is-not-done", NOT_DONE.includes(box.value.trim().toLowerCase()));
  count();
});
count();
