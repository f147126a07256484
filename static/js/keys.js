// Keys. Everywhere: "/" where is it, "?" all keys, Esc clear or close, Alt+1-6 box of the card, Ctrl+Enter the green button.
// In lists: arrows move between [data-row], N goes to the next [data-overdue], and a letter presses the button of the
// focused row that declares it: <button data-key="A">, or goes to it when it is there to be read: data-look.
// Single letters act only when a row, not a text box, has the focus.
// They, figures and signs can be switched off: <html data-single-keys="off"> or the check box [data-single-keys-switch] in the key list.
import { goTo, singleKeysOff, takesText, usable } from "./dom.js";

const SWITCH = "single-keys-off";

function rows() {
  return [...document.querySelectorAll("[data-row]")].filter(usable);
}

function focusRow(row) {
  for (const other of rows()) other.tabIndex = other === row ? 0 : -1;
  goTo(row);
}

// A click beside the list, or the skip link, leaves the focus on the page itself.
function nowhere() {
  const here = document.activeElement;
  return !here || here === document.body || here.id === "main";
}

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const here = document.activeElement?.closest("[data-row]");
  const index = here ? all.indexOf(here) + step : 0;
  if (index < 0 || index >= all.length) return true;
  focusRow(all[index]);
  return true;
}

function nextOverdue() {
  const all = rows();
  const late = all.filter((row) => row.matches("[data-overdue]"));
  if (!late.length) return false;
  const here = all.indexOf(document.activeElement?.closest("[data-row]"));
  focusRow(late.find((row) => all.indexOf(row) > here) ?? late[0]);
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-next-overdue]");
  if (link && !event.ctrlKey && !event.metaKey && nextOverdue()) event.preventDefault();
});

function pressIn(scope, key) {
  const wanted = key.toLowerCase();
  const button = [...scope.querySelectorAll("[data-key]")].find((one) =>
    one.dataset.key.split(" ").some((name) => name.toLowerCase() === wanted));
  if (!usable(button)) return false;
  if (button.matches("[data-look]")) goTo(button.querySelector("a[href]") ?? button);
  else if (takesText(button)) goTo(button);
  else button.click();
  return true;
}

function mainButton(element) {
  const form = element?.form ?? element?.closest?.("form");
  const inForm = form && [...form.elements].find((one) => one.matches("[data-main]"));
  return inForm || document.querySelector("[data-main]");
}

function openKeyList() {
  const list = document.querySelector("[data-key-list]");
  if (!list) return;
  list.open = !list.open;
  if (list.open) goTo(list.querySelector("summary"));
}

function escape(event) {
  const list = document.querySelector("[data-key-list][open]");
  if (list) {
    list.open = false;
    return;
  }
  const element = event.target;
  if (element.matches?.("[data-where]") && !element.value) element.blur();
  else if (element.matches?.("[data-where], [data-scan], [data-grid] input") && !element.readOnly) {
    element.value = "";
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function withControl(event) {
  if (event.key !== "Enter") return;
  const button = mainButton(event.target);
  if (!usable(button)) return;
  event.preventDefault();
  button.click();
}

function withAlt(event) {
  const digit = /^(?:Digit|Numpad)([1-6])$/.exec(event.code)?.[1];
  const box = digit && document.querySelector(`[data-box="${digit}"]`);
  if (box) {
    event.preventDefault();
    const first = (what) => [...box.querySelectorAll(what)].find(usable);
    const field = first("input:checked[type=radio]") && first("input:not([type=hidden])")?.type === "radio"
      ? first("input:checked[type=radio]")
      : first("input:not([type=hidden]), select, textarea") ?? first("button, a[href]");
    goTo(field ?? box);
    return;
  }
  if (event.key.length === 1 && pressIn(document, `Alt+${event.key}`)) event.preventDefault();
}

function single(event) {
  const { key } = event;
  const row = event.target.closest?.("[data-row]");
  const letter = key.length === 1 && key !== " ";
  if (letter && singleKeysOff()) return false;
  if (key === "/") {
    const where = document.querySelector("[data-where]");
    if (!where) return false;
    goTo(where);
    where.select();
    return true;
  }
  if (key === "?") {
    openKeyList();
    return true;
  }
  if (key === "ArrowDown" && (row || nowhere())) return move(1);
  if (key === "ArrowUp" && row) return move(-1);
  if (key === "Home" && row) return focusRow(rows()[0]) ?? true;
  if (key === "End" && row) return focusRow(rows().at(-1)) ?? true;
  const onRow = row && (event.target === row || letter);
  if (onRow && pressIn(row, key === " " ? "Space" : key)) return true;
  if (letter && key.toLowerCase() === "n" && (row || nowhere())) return nextOverdue();
  const page = document.querySelector("[data-page-keys]");
  if (page && letter && !event.target.closest?.("a, button")) return pressIn(page, key);
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  if (event.key === "Escape") return escape(event);
  if (event.ctrlKey || event.metaKey) return withControl(event);
  if (event.altKey) return withAlt(event);
  if (takesText(event.target)) return;
  if (event.target.matches?.("input[type=radio]") && event.key.startsWith("Arrow")) return;
  if (single(event)) event.preventDefault();
});

// One row of a list is in the tab order: the one last used, or the first.
function rove() {
  const all = rows();
  const current = all.find((row) => row.contains(document.activeElement)) ?? all[0];
  for (const row of all) row.tabIndex = row === current ? 0 : -1;
}
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row && row.tabIndex !== 0) for (const other of rows()) other.tabIndex = other === row ? 0 : -1;
});

// A live list is replaced while somebody works in it: the same row, and the same button in it, keep the focus.
let kept = null;
document.addEventListener("htmx:beforeSwap", () => {
  const row = document.activeElement?.closest("[data-row][id]");
  kept = row && { row: row.id, key: document.activeElement.dataset.key };
});
document.addEventListener("htmx:afterSettle", () => {
  const row = kept && document.getElementById(kept.row);
  const lost = document.activeElement === document.body || document.activeElement === null;
  const wanted = row && (kept.key ? row.querySelector(`[data-key="${CSS.escape(kept.key)}"]`) : row);
  if (row && lost) {
    row.focus({ preventScroll: true });
    if (wanted && wanted !== row) wanted.focus({ preventScroll: true });
  }
  kept = null;
  rove();
});
rove();

// The choice of this computer: single letters on or off.
const box = document.querySelector("[data-single-keys-switch]");
try {
  if (localStorage.getItem(SWITCH)) document.documentElement.dataset.singleKeys = "off";
  if (box) {
    box.checked = !singleKeysOff();
    box.closest("[hidden]")?.removeAttribute("hidden");
    box.addEventListener("change", () => {
      document.documentElement.dataset.singleKeys = box.checked ? "on" : "off";
      if (box.checked) localStorage.removeItem(SWITCH);
      else localStorage.setItem(SWITCH, "1");
    });
  }
} catch { /* storage is closed: letters stay on */ }
