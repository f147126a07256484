// Scan fields: <input data-scan>. A scanner types quickly and presses Enter. Enter here never presses a button:
// it cleans the value, then submits the form if that says <form data-scan-submit>, or else goes to the next field.
// [data-scan-home] is the field of a print or receiving station that keeps the focus.
import { goTo, takesText, usable } from "./dom.js";
import { clean, send } from "./scans.js";

function nextField(field) {
  const fields = [...field.form.elements].filter((one) => usable(one) && !one.readOnly && (takesText(one)));
  return fields[fields.indexOf(field) + 1];
}

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.ctrlKey || event.altKey || event.metaKey || !field.matches?.("[data-scan]")) return;
  event.preventDefault();
  event.stopPropagation();
  field.value = clean(field.value);
  if (!field.value || !field.form) return;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  if (field.form.matches("[data-scan-submit]")) {
    if (field.form.matches("[hx-post]")) send(field);
    else field.form.requestSubmit();
    return;
  }
  const next = nextField(field);
  if (next) goTo(next);
}, true);

// Keep the focus on the home field: after each swap, and when somebody clicks on nothing.
function home() {
  const field = document.querySelector("[data-scan-home]");
  if (!usable(field)) return;
  const here = document.activeElement;
  if (here && here !== document.body && here !== document.documentElement && here.id !== "main") return;
  field.focus({ preventScroll: true });
}
document.addEventListener("htmx:afterSettle", () => {
  const field = document.querySelector("[data-scan-home]");
  if (usable(field) && !takesText(document.activeElement)) field.focus({ preventScroll: true });
});
document.addEventListener("pointerup", () => setTimeout(home, 0));
if (!document.querySelector("[autofocus]")) home(); // else the browser does it
