// Age of live lists. <section id="queue" data-live hx-get=… hx-trigger="every 10s"> with
// <p data-updated-for="queue" data-age="0"><span data-updated-text>. Fresh to 15 s, late to 60 s, then stale:
// a black band, the list grey, its actions off. Whatever carries data-always stays on.
const LATE = 15;
const STALE = 60;
const heard = new Map();
const nowMs = () => performance.now();

function words(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function heardNow(list, age = 0) {
  heard.set(list.id, nowMs() - age * 1000);
  fresh(list);
}

// Buttons outside the list that act on its rows.
function beside(list) {
  return document.querySelectorAll(`[data-off-with="${CSS.escape(list.id)}"]`);
}

function fresh(list) {
  if (!("stale" in list.dataset)) return;
  delete list.dataset.stale;
  list.querySelector(":scope > .stale-band")?.remove();
  for (const one of [...list.querySelectorAll("[data-off-stale]"), ...beside(list)]) {
    one.disabled = false;
    one.removeAttribute("data-off-stale");
  }
  for (const link of list.querySelectorAll("a[data-off-href]")) {
    link.setAttribute("href", link.dataset.offHref);
    link.removeAttribute("data-off-href");
    link.removeAttribute("aria-disabled");
  }
}

function stale(list, age) {
  let band = list.querySelector(":scope > .stale-band");
  if (!band) {
    band = document.createElement("p");
    band.className = "stale-band";
    list.prepend(band);
    if (!("stale" in list.dataset)) band.setAttribute("role", "alert");
  }
  list.dataset.stale = "";
  band.textContent = `This list is ${words(age)} old. Ring before you rely on it. Its buttons are off until it answers.`;
  const buttons = list.querySelectorAll("button:not([disabled]), input[type=submit]:not([disabled])");
  for (const one of [...buttons, ...beside(list)]) {
    if (one.closest("[data-always]")) continue;
    one.disabled = true;
    one.setAttribute("data-off-stale", "");
  }
  for (const link of list.querySelectorAll("a[href][data-key], a[href][data-action]")) {
    if (link.closest("[data-always]")) continue;
    link.dataset.offHref = link.getAttribute("href");
    link.removeAttribute("href");
    link.setAttribute("aria-disabled", "true");
  }
}

function tick() {
  for (const line of document.querySelectorAll("[data-updated-for]")) {
    const list = document.getElementById(line.dataset.updatedFor);
    if (!list) continue;
    if (!heard.has(list.id)) heardNow(list, Number(line.dataset.age) || 0);
    const age = Math.max(0, Math.round((nowMs() - heard.get(list.id)) / 1000));
    const text = line.querySelector("[data-updated-text]");
    const state = age > STALE ? "stale" : age > LATE ? "late" : "fresh";
    line.dataset.state = state;
    text.textContent = state === "fresh" ? (age ? `Updated ${words(age)} ago` : "Updated just now") : `Updated ${words(age)} ago, trying again`;
    if (state === "stale") stale(list, age);
    else fresh(list);
  }
}

function listOf(event) {
  const target = event.detail?.target ?? event.target;
  return target?.closest?.("[data-live]") ?? target?.querySelector?.("[data-live]");
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const list = listOf(event);
  const line = list?.id && document.querySelector(`[data-updated-for="${CSS.escape(list.id)}"] [data-updated-text]`);
  if (line) line.textContent = "fetching…";
});
document.addEventListener("htmx:afterRequest", (event) => {
  const list = event.detail.successful ? listOf(event) : null;
  if (list?.id) heardNow(list);
});
document.addEventListener("htmx:afterSettle", tick);

if (document.querySelector("[data-updated-for]")) {
  tick();
  setInterval(tick, 1000);
}
