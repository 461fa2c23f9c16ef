// Every page: a quiet sign when the server takes long, one press per form, menus that close, print.
"use strict";

const SLOW_AFTER = 400;
const TOO_LONG = 8000;
let timers = [];

function busy(region) {
  done();
  timers = [
    setTimeout(() => {
      document.body.insertAdjacentHTML("afterbegin", '<div class="ui-bar" data-bar></div>');
      region?.setAttribute("aria-busy", "true");
    }, SLOW_AFTER),
    setTimeout(() => { document.querySelector("[data-slow]").hidden = false; }, TOO_LONG),
  ];
}

function done() {
  timers.forEach(clearTimeout);
  document.querySelector("[data-bar]")?.remove();
  document.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  const slow = document.querySelector("[data-slow]");
  if (slow) slow.hidden = true;
}

// A second press is ignored until the page answers; a button is never disabled, or its value would not be sent.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  busy(form.closest("main"));
});

// Coming back with the Back button shows the page as it was left, so the mark is taken off.
addEventListener("pageshow", () => {
  done();
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

document.addEventListener("htmx:beforeRequest", (event) => busy(event.detail.target));
document.addEventListener("htmx:afterRequest", (event) => {
  done();
  const form = event.detail.elt.closest("form");
  if (form) delete form.dataset.sent;
});

// When the pressed element went away with the swap, reading goes on at the new region's heading.
document.addEventListener("htmx:afterSettle", (event) => {
  if (document.activeElement !== document.body) return;
  const heading = event.detail.elt.querySelector("h1, h2, h3");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus();
});

document.addEventListener("click", (event) => {
  document.querySelectorAll("details.ui-menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  if (event.target.closest("[data-print]")) print();
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.ui-menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

addEventListener("beforeprint", () => {
  const at = new Date().toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  document.querySelector("[data-printed]").textContent = at;
});
