// Result entry: inputs inside [data-grid]. Enter and arrow down go to the next box, arrow up to the one before.
// Typing ".." writes the word in data-not-done ("not done") unless it is spelt otherwise on the grid.
import { goTo, usable } from "./dom.js";

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
