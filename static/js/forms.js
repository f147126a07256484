// Forms: the error summary takes the focus, a form is sent once, and what a hidden part of a card holds is not lost.
import { takesText } from "./dom.js";

// Who stands in a box by then is not called away from it: on a slow line a page can be typed in before this file comes.
const summary = document.querySelector("[data-error-summary]");
const at = document.activeElement;
const chosen = takesText(at) && (!at.autofocus || at.value !== at.defaultValue);
if (summary && !chosen) summary.focus();
document.addEventListener("htmx:afterSettle", (event) => {
  event.target.querySelector?.("[data-error-summary]")?.focus();
});

// A link of the summary goes to the field itself, also when the field is a group of radios.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-error-summary] a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  const field = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
  if (!field) return;
  event.preventDefault();
  field.focus({ preventScroll: true });
  (field.closest(".field, .card-field, .card-box") ?? field).scrollIntoView({ block: "start" });
});

// Sent once. The buttons are held only after the browser has taken their value, and let go when somebody comes back.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (event.defaultPrevented || form.matches("[hx-post], [hx-get], [data-many]")) return;
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Enter in a text box of the paper card goes to the next field: only the green button sends a card.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  if (!field.matches?.("[data-no-enter] input") || /^(submit|button|image)$/.test(field.type)) return;
  event.preventDefault();
  const fields = [...field.form.elements]
    .filter((one) => one.matches("input:not([type=hidden]), select, textarea, button:not([tabindex='-1'])"))
    .filter((one) => !one.disabled && one.getClientRects().length);
  fields[fields.indexOf(field) + 1]?.focus();
});

// Show the passphrase: <input type="checkbox" data-show="passphrase">.
document.addEventListener("change", (event) => {
  const box = event.target;
  const field = box.dataset?.show && document.getElementById(box.dataset.show);
  if (field) field.type = box.checked ? "text" : "password";
});
