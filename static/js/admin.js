// What Unfold's pages leave unsaid to somebody who does not see them: the main part, and the names of its pickers.
"use strict";

(() => {
  const label = (picker) => {
    const select = picker.previousElementSibling;
    const text = select && select.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    const name = (text && text.textContent.trim()) || (select && select.getAttribute("aria-label")) || "Choose";
    for (const part of picker.querySelectorAll(".select2-selection, span.select2-selection__rendered, .select2-search__field")) {
      part.setAttribute("aria-label", name);
    }
    for (const part of picker.querySelectorAll("ul.select2-selection__rendered, ul.select2-selection__rendered > li")) {
      part.setAttribute("role", "presentation");
    }
  };

  // A field in a table of rows is named by the head of its column.
  const cell = (field) => {
    const place = field.closest("td");
    if (!place || field.type === "hidden" || field.labels.length || field.hasAttribute("aria-label")) return;
    const head = place.closest("table").querySelectorAll("thead th")[place.cellIndex];
    field.setAttribute("aria-label", place.dataset.label || (head && head.textContent.trim()) || field.name);
  };

  const name = () => {
    const parts = { "nav-sidebar-inner": "Admin", "tabs-items": "Parts of this page" };
    for (const [id, words] of Object.entries(parts)) document.getElementById(id)?.setAttribute("aria-label", words);
    for (const field of document.querySelectorAll("#content td :is(input, select, textarea)")) cell(field);
    const main = document.getElementById("main");
    if (main && !document.querySelector("main")) main.setAttribute("role", "main");
    for (const list of document.querySelectorAll("ul.object-tools")) list.setAttribute("role", "presentation");
    for (const picker of document.querySelectorAll(".select2-container")) label(picker);
    for (const head of document.querySelectorAll("th")) {
      if (!head.textContent.trim() && !head.querySelector("input")) {
        const words = document.createElement("span");
        words.className = "catalog-unseen";
        words.textContent = "More";
        head.append(words);
      }
    }
    document.querySelectorAll(".simplebar-content-wrapper[role=region]").forEach((part, number) => {
      part.setAttribute("aria-label", number ? `Scrollable part ${number + 1}` : "Scrollable part");
    });
  };

  window.addEventListener("load", () => {
    name();
    // Pickers and rows come and go while somebody works in a form.
    let waits = false;
    new MutationObserver(() => {
      if (waits) return;
      waits = true;
      requestAnimationFrame(() => { waits = false; name(); });
    }).observe(document.body, { childList: true, subtree: true });
  });
})();
