// The folded tabs close when something else is used, and by Escape. Without script their word opens and closes them.
const more = document.querySelector("[data-tab-more]");

function close({ focus = false } = {}) {
  more.open = false;
  if (focus) more.querySelector("summary").focus();
}

if (more) {
  document.addEventListener("click", (event) => {
    if (more.open && !more.contains(event.target)) close();
  });
  more.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !more.contains(event.relatedTarget)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    event.preventDefault();
    close({ focus: true });
  }, { capture: true });
}
