/* Moves through the worklist by key: j and k choose a row, Enter opens it. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const rows = [...document.querySelectorAll("#result_list tr.data-row")];
  let chosen = -1;

  function choose(index) {
    if (!rows.length) return;
    rows[chosen]?.classList.remove("ov-row-chosen");
    chosen = Math.min(Math.max(index, 0), rows.length - 1);
    rows[chosen].classList.add("ov-row-chosen");
    rows[chosen].scrollIntoView({ block: "nearest" });
    rows[chosen].querySelector("a[href*='/review/']")?.focus({ preventScroll: true });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "j") choose(chosen + 1);
    else if (event.key === "k") choose(chosen - 1);
    else if (event.key === "Enter" && chosen >= 0 && !event.target.closest("a, button")) {
      rows[chosen].querySelector("a[href*='/review/']")?.click();
    }
  });
});
