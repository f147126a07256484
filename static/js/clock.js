// The clock of the bar: the server's minute, kept going here. The computer's own clock is used only to count.
const clock = document.querySelector("[data-clock]");
const read = /^(\d{1,2}):(\d{2})$/.exec(clock?.textContent.trim() ?? "");
if (read) {
  const minuteAtLoad = Number(read[1]) * 60 + Number(read[2]);
  const start = performance.now();
  setInterval(() => {
    const minute = (minuteAtLoad + Math.floor((performance.now() - start) / 60000)) % 1440;
    clock.textContent = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  }, 5000);
}
