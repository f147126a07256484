// A screen left alone. <form data-lock="120" action="/lock"> in the bar says after how many seconds; 0 is never.
// At that moment what stands on the page is taken away, the server ends the sign-in, and the lock page takes its place.
// Use of one window counts for all windows of this browser, and they lock together.
const form = document.querySelector("[data-lock]");
const limit = Number(form?.dataset.lock ?? 0) * 1000;
const TELL_EVERY = 10000;
const channel = form && "BroadcastChannel" in window ? new BroadcastChannel("lab-lock") : null;
let used = Date.now();
let told = used;
let leaving = false;

function blank(words) {
  const main = document.createElement("main");
  const text = document.createElement("p");
  main.className = "blanked";
  text.textContent = words;
  main.append(text);
  document.body.replaceChildren(main);
  document.title = "Locked";
}

function halfFilled() {
  const draft = document.querySelector("form[data-draft]");
  if (!draft || !draft.dataset.touched) return null;
  return { of: draft.dataset.draft, text: new URLSearchParams(new FormData(draft)).toString() };
}

async function sendLock(body) {
  try {
    await fetch("/lock", { method: "POST", body, redirect: "manual", keepalive: true });
    location.replace("/locked");
  } catch {
    blank("Locked. There is no connection: reload this page when it is back.");
    setTimeout(() => sendLock(body), 5000);
  }
}

function leave({ tell = true } = {}) {
  if (leaving) return;
  leaving = true;
  const body = new URLSearchParams(new FormData(form));
  body.set("resume", location.pathname + location.search);
  const draft = halfFilled();
  if (draft) {
    body.set("draft_of", draft.of);
    body.set("draft", draft.text);
  }
  blank("Locked.");
  if (tell) channel?.postMessage("lock");
  sendLock(body);
}

function use() {
  used = Date.now();
  if (used - told < TELL_EVERY) return;
  told = used;
  channel?.postMessage("used");
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  fetch("/still-here", { method: "POST", body, redirect: "manual" })
    .then((answer) => { if (answer.type === "opaqueredirect" || answer.status === 401) leave(); })
    .catch(() => {});
}

if (form && limit) {
  for (const kind of ["keydown", "pointerdown", "input", "wheel"]) {
    document.addEventListener(kind, use, { passive: true, capture: true });
  }
  setInterval(() => { if (Date.now() - used >= limit) leave(); }, 1000);
}
if (form) {
  // The button locks as the clock does, so that a half-filled card is kept.
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
  });
  channel?.addEventListener("message", ({ data }) => {
    if (data === "lock") leave({ tell: false });
    else used = Date.now();
  });
  document.addEventListener("input", (event) => {
    const draft = event.target.closest?.("form[data-draft]");
    if (draft) draft.dataset.touched = "1";
  });
}
// A page that the back button took from memory shows nothing: it is asked for again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  blank("Asking again.");
  location.reload();
});
// Choosing one's name on the lock page leads on to the digits.
document.addEventListener("click", (event) => {
  const to = event.target.dataset?.to;
  if (to && event.detail) document.getElementById(to)?.focus();
});
