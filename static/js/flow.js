// Question pages: number keys, the current item, and saving as one goes (EXPERIENCE 5.3, 5.4).
// Nothing is stored in the browser: devices are shared. What is not saved yet lives in `waiting` only.
"use strict";

const form = document.querySelector("form#flow");
const items = () => [...document.querySelectorAll("[data-item]")].filter((item) => item.offsetParent !== null);
const radios = (item) => [...item.querySelectorAll("input:not([type=hidden]), textarea, select")];

// ---- The current item and the keys ----

function makeCurrent(item) {
  document.querySelectorAll(".is-current").forEach((other) => other.classList.remove("is-current"));
  item?.classList.add("is-current");
}

function isAnswered(item) {
  return radios(item).some((input) => (/radio|checkbox/.test(input.type) ? input.checked : input.value));
}

function enter(item) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const controls = radios(item);
  (controls.find((input) => input.checked) || controls[0])?.focus({ preventScroll: true });
  item.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

function moveOn(item) {
  const all = items();
  const next = all[all.indexOf(item) + 1];
  if (next) return enter(next);
  document.querySelector("[data-continue]")?.focus();
}

document.addEventListener("focusin", (event) => {
  const item = event.target.closest("[data-item]");
  if (item) makeCurrent(item);
});

// Only while a radio of the item has the focus, so that no key acts by surprise (WCAG 2.1.4).
document.addEventListener("keydown", (event) => {
  const item = event.target.closest("[data-likert]");
  if (!item || event.target.type !== "radio" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (form?.dataset.shortcuts === "off" || event.key.length !== 1) return;
  const pressed = event.key.toLowerCase();
  const choice = [...item.querySelectorAll("[data-key]")].find((input) => input.dataset.key.toLowerCase() === pressed);
  if (!choice) return;
  event.preventDefault();
  if (!choice.checked) {
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  }
  moveOn(item);
});

// Continue by keyboard lands on the next page's first item. The fragment survives the redirect.
document.addEventListener("click", (event) => {
  // A summary has no form: its Continue is a link.
  if (form && event.detail === 0 && event.target.closest("[data-continue]")) form.action = `${form.action.split("#")[0]}#answer`;
});
const opened = items().find((item) => !isAnswered(item)) || items()[0];
makeCurrent(opened);
if (location.hash === "#answer" && opened) {
  history.replaceState(null, "", location.pathname + location.search);
  enter(opened);
}

// ---- Saving ----

const PAUSE = { choice: 300, text: 1500 };
const RETRY = [3000, 10000, 30000, 60000];
const line = document.querySelector("[data-save-state]");
const spoken = document.querySelector("[data-save-spoken]");
const bar = document.querySelector("[data-offline-bar]");
const waiting = new Map(); // item code -> how often it changed, so that a change made while saving is not lost
let timer;
let attempts = 0;
let sending = false;
let leaving = false;
let held = false; // signed out: nothing is sent until the person is back
let asking = false;
let renewed = false; // the page's token was renewed since the last save that came through
let savedAt = ""; // what the server said at the last save

function show(state, values = {}) {
  const was = line.dataset.state;
  const count = waiting.size === 1 ? line.dataset.one : line.dataset.many.replace("{n}", waiting.size);
  const key = state.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const text = values.text || (line.dataset[key] || "").replace("{time}", values.time).replace("{count}", count);
  line.dataset.state = state;
  line.querySelector("[data-text]").replaceChildren(state === "signed-out" ? signInLink(text) : text);
  if (bar) bar.hidden = state !== "offline";
  const troubled = !["saved", "saving", ""].includes(state);
  if (troubled || (state === "saved" && spoken.dataset.last !== "saved")) {
    if (was !== state || !spoken.textContent) spoken.textContent = text;
    spoken.dataset.last = state;
  }
}

/** A new tab, so that this page and its waiting answers stay. */
function signInLink(text) {
  const link = document.createElement("a");
  Object.assign(link, { href: line.dataset.signIn, target: "_blank", textContent: text });
  return link;
}

function itemOf(control) {
  return control.closest("[data-item]")?.dataset.item || control.name;
}

function fieldsOf(code) {
  return [...form.elements].filter((control) => control.name && itemOf(control) === code);
}

/** The changed items' successful controls; `changed` names each item, as an emptied one sends no field. */
function body() {
  const data = new FormData(form);
  const sent = new URLSearchParams();
  for (const name of ["csrfmiddlewaretoken", "revision"]) sent.set(name, data.get(name) ?? "");
  for (const code of waiting.keys()) {
    sent.append("changed", code);
    for (const name of new Set(fieldsOf(code).map((control) => control.name))) {
      for (const value of data.getAll(name)) sent.append(name, value);
    }
  }
  return sent;
}

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(save, pause);
}

function touched(control, pause) {
  if (!control.name || control.form !== form || control.type === "hidden") return;
  const code = itemOf(control);
  waiting.set(code, (waiting.get(code) || 0) + 1);
  if (!held) later(pause);
}

async function save({ keepalive = false } = {}) {
  clearTimeout(timer);
  if (!waiting.size || (sending && !keepalive) || held) return;
  if (!navigator.onLine) return show("offline");
  sending = true;
  const sent = new Map(waiting);
  const slow = setTimeout(() => show("saving"), 400);
  try {
    const response = await fetch(form.dataset.autosave || form.action, {
      method: "POST", body: body(), headers: { "X-Autosave": "1", "X-Sequence": Date.now() }, redirect: "manual", keepalive, credentials: "same-origin",
    });
    clearTimeout(slow);
    await received(response, sent);
  } catch {
    clearTimeout(slow);
    failed();
  } finally {
    sending = false;
  }
  if (waiting.size && !attempts && !held) later(PAUSE.choice);
}

async function received(response, sent) {
  if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) {
    held = true;
    show("signed-out");
    // Refused, not signed out: signing in again in another window makes the page's token worthless.
    if (response.status === 403 && !renewed) await comeBack();
    return;
  }
  renewed = false;
  if (![200, 409, 413, 422].includes(response.status)) return failed();
  const answer = await response.json();
  // Too much at once: no item is named, so the sentence stands at each that was sent.
  if (answer.error) answer.errors = Object.fromEntries([...sent.keys()].map((code) => [code, answer.error]));
  attempts = 0;
  for (const [code, count] of sent) if (waiting.get(code) === count) waiting.delete(code);
  if (answer.revision !== undefined) form.elements.revision.value = answer.revision;
  mark(sent, answer.errors || {});
  if (answer.progress) count(answer.progress);
  for (const [selector, html] of Object.entries(answer.fragments || {})) replace(selector, html);
  if (response.status === 200) show("saved", { time: (savedAt = answer.saved_at) });
  if (response.status === 409) show("conflict", { text: answer.conflicts?.[0]?.text });
  if (response.status === 413 || response.status === 422) show("refused");
}

/** Who is signed in now? The same person's waiting answers are sent, with the token of the new sign-in; another's are not. */
async function comeBack() {
  const page = document.querySelector("main");
  if (!held || asking || !page.dataset.who) return;
  asking = true;
  try {
    const response = await fetch(page.dataset.who, { headers: { "X-Autosave": "1" }, redirect: "manual", credentials: "same-origin" });
    if (response.status !== 200) return;
    const who = await response.json();
    if (who.person !== page.dataset.author) return drop(page);
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = who.token;
    held = false;
    renewed = true;
    later(0);
  } catch {
    // Still offline: asked again when the page comes back into view.
  } finally {
    asking = false;
  }
}

/** Somebody else is at this device: neither the answers nor what the page shows is theirs. */
function drop(page) {
  show("dropped");
  waiting.clear();
  const told = document.createElement("p");
  const again = document.createElement("a");
  told.textContent = line.querySelector("[data-text]").textContent;
  Object.assign(again, { href: "/home/", textContent: line.dataset.again });
  page.querySelector(".ui-wrap").replaceChildren(told, again);
  document.querySelector(".ui-person")?.replaceChildren();
}

function failed() {
  if (!navigator.onLine) return show("offline");
  show("retrying");
  later(RETRY[Math.min(attempts++, RETRY.length - 1)]);
}

/** Put the server's sentence above the control it is about, and take old ones away. */
function mark(sent, errors) {
  for (const code of new Set([...sent.keys(), ...Object.keys(errors)])) {
    const item = document.querySelector(`[data-item="${CSS.escape(code)}"]`);
    const place = item?.querySelector("[data-error]");
    if (!place) continue;
    place.hidden = !errors[code];
    place.querySelector("span").textContent = errors[code] || "";
    item.classList.toggle("is-error", Boolean(errors[code]));
    for (const input of radios(item)) {
      if (errors[code]) input.setAttribute("aria-describedby", place.id);
      else if (input.getAttribute("aria-describedby") === place.id) input.removeAttribute("aria-describedby");
    }
  }
}

function count({ answered, total }) {
  document.querySelectorAll("[data-progress]").forEach((place) => {
    const native = place.querySelector("progress");
    native.max = total;
    native.value = answered;
    const words = place.querySelector("span");
    let index = 0;
    words.textContent = words.textContent.replace(/\d+/g, (found) => [answered, total][index++] ?? found);
  });
}

/**
 * Swap a region by its id and keep the focus where it was; a question that went away hands it to the next.
 * A question answered since the save was sent stays as it is: its answer would be lost with it.
 */
function replace(selector, html) {
  const region = document.querySelector(selector);
  if (!region || [region, ...region.querySelectorAll("[data-item]")].some((one) => waiting.has(one.dataset.item))) return;
  const focused = region.contains(document.activeElement) ? document.activeElement : null;
  const next = focused && items().find((item) => region.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING && !region.contains(item));
  region.outerHTML = html;
  if (!focused) return;
  const again = document.getElementById(focused.id);
  if (again) again.focus({ preventScroll: true });
  else if (next?.isConnected) enter(next);
  else document.querySelector("[data-continue]")?.focus();
}

if (form && line && form.hasAttribute("data-autosave")) {
  const isText = (control) => !/radio|checkbox|select-one|date/.test(control.type);
  form.addEventListener("input", (event) => { if (isText(event.target)) touched(event.target, PAUSE.text); });
  // For text, "change" comes on leaving the field: what is waiting goes at once.
  form.addEventListener("change", (event) => {
    if (!isText(event.target)) touched(event.target, PAUSE.choice);
    else if (waiting.size && !attempts && !held) later(0);
  });
  form.addEventListener("submit", () => {
    leaving = true;
    // A save in the background that is overtaken by this one is told by its number, and ignored.
    form.elements.sequence.value = Date.now();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && !leaving) save({ keepalive: true });
    else if (!document.hidden) comeBack();
  });
  addEventListener("focus", comeBack);
  addEventListener("offline", () => show("offline"));
  addEventListener("online", () => {
    attempts = 0;
    if (waiting.size) later(0);
    else if (savedAt) show("saved", { time: savedAt });
    else show("");
  });
  addEventListener("beforeunload", (event) => { if (waiting.size && !leaving) event.preventDefault(); });
}
