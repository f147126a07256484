// Small helpers shared by the other files.

/** True when this computer has single letters, figures and signs switched off as keys. */
export function singleKeysOff() {
  return document.documentElement.dataset.singleKeys === "off";
}

/** True when typing goes into this element, so single letters belong to it. */
export function takesText(element) {
  if (!element || !element.matches) return false;
  if (element.isContentEditable) return true;
  if (element.matches("textarea, select")) return true;
  return element.matches("input") && !/^(button|checkbox|radio|submit|reset|file|range|color|image)$/.test(element.type);
}

/** True when the element can be seen and used. */
export function usable(element) {
  return Boolean(element) && !element.disabled && element.getClientRects().length > 0;
}

/** Give the focus and show the place, clear of the sticky foot bar. */
export function goTo(element) {
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}
