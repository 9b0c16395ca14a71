/* Opens the decision forms by key: a accepts, r rejects, Escape leaves. */
"use strict";
(() => {
  const accept = document.getElementById("accept-form"), reject = document.getElementById("reject-form");

  function open(form, other) {
    if (!form) return;
    if (other) other.open = false;
    form.open = true;
    form.querySelector("select, textarea").focus();
    form.scrollIntoView({ block: "nearest" });
  }

  for (const [form, other] of [[accept, reject], [reject, accept]]) {
    form?.addEventListener("toggle", () => { if (form.open && other) other.open = false; });
    form?.addEventListener("submit", (event) => {
      if (event.target.dataset.sent) event.preventDefault();
      event.target.dataset.sent = "1";
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest("textarea, select, input:not([type=checkbox]):not([type=range])");
    if (event.key === "Escape") {
      field?.blur();
      if (accept) accept.open = false;
      if (reject) reject.open = false;
      return;
    }
    if (field) return;
    if (event.key === "a") { event.preventDefault(); open(accept, reject); }
    if (event.key === "r") { event.preventDefault(); open(reject, accept); }
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll(".ov-form form")) delete form.dataset.sent;
  });
  document.getElementById("refusal")?.scrollIntoView({ block: "center" });
})();
