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
  field.value = clean(field.value, field);
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

// A scanner types the separator of a GS1 code as Control and ].
document.addEventListener("keydown", (event) => {
  if (!event.ctrlKey || event.key !== "]" || !event.target.matches?.("[data-scan-gs1]")) return;
  event.preventDefault();
  event.target.setRangeText("|", event.target.selectionStart, event.target.selectionEnd, "end");
});

// What a scanner types while a box or a button has the focus belongs into the scan field.
document.addEventListener("keydown", (event) => {
  const here = event.target;
  if (!/^[0-9A-Z\](]$/i.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
  if (!here.matches?.("input[type=radio], input[type=checkbox]")) return;
  const field = here.form?.querySelector("[data-scan-home]");
  if (here.form?.matches("[data-scan-submit]") && usable(field)) field.focus({ preventScroll: true });
}, true);

// Choosing the tube in the hand with a click or a touch: its label is scanned next.
document.addEventListener("click", (event) => {
  if (!event.detail || !event.target.matches?.("[data-scan-submit] input[name=holding]")) return;
  const field = event.target.form.querySelector("[data-scan-home]");
  if (usable(field)) field.focus({ preventScroll: true });
});

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
