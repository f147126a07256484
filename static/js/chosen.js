// Rows ticked with Space or by hand: counted beside the button that accepts them, and kept while the live list is replaced.
// A row that changed meanwhile is no longer ticked, and the line says so.
const line = document.querySelector("[data-chosen-count]");
const button = document.querySelector("[data-accept-chosen]");
let kept = [];

function boxes() {
  return [...document.querySelectorAll("[data-choose]")];
}

function tell(lost = 0) {
  const chosen = boxes().filter((box) => box.checked).length;
  const gone = lost ? `${lost} changed: look again` : "";
  line.textContent = [chosen ? `${chosen} chosen` : "", gone].filter(Boolean).join(" · ");
  button.firstChild.textContent = chosen ? `Accept the ${chosen} chosen ` : "Accept the chosen ";
  button.hidden = !chosen;
}

if (line && button) {
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-choose]")) tell();
  });
  document.addEventListener("htmx:beforeSwap", () => {
    kept = boxes().filter((box) => box.checked).map((box) => box.value);
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!kept.length) return;
    const now = boxes();
    for (const box of now) box.checked = kept.includes(box.value);
    tell(kept.length - now.filter((box) => box.checked).length);
    kept = [];
  });
  addEventListener("pageshow", () => tell());
  tell();
}
