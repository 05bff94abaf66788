"use strict";
const form = document.querySelector("form");
const entries = [...document.querySelectorAll("li[data-mark]")];
const folds = () => document.querySelectorAll("details");
function filter() {
  const words = form.elements.search.value.toLowerCase().split(/\s+/);
  const marks = new Set([...form.querySelectorAll("input[name=mark]:checked")].map(box => box.value));
  let shown = 0;
  for (const entry of entries) {
    const text = entry.textContent.toLowerCase();
    entry.hidden = !marks.has(entry.dataset.mark) || !words.every(word => text.includes(word));
    shown += entry.hidden ? 0 : 1;
  }
  document.querySelector("#shown").textContent = `${shown} of ${entries.length} shown`;
}
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", event => event.preventDefault());
document.querySelector("#unfold").addEventListener("click", () => folds().forEach(fold => { fold.open = true }));
document.querySelector("#fold").addEventListener("click", () => folds().forEach(fold => { fold.open = false }));
addEventListener("beforeprint", () => folds().forEach(fold => { fold.open = true }));
filter();
