"use strict";
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const changes = all(".change");
  const search = document.getElementById("search");
  const reveal = () => {
    const found = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!found) return;
    if (found.matches(".change")) {
      found.hidden = false;
      found.open = true;
    }
    found.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  if (search) {
    document.querySelector(".tools").hidden = false;
    const texts = new Map(changes.map((change) => [change, change.textContent.toLowerCase()]));
    const wanted = (name) => new Set(all(`input[name=${name}]:checked`).map((box) => box.value));
    const narrow = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const actions = wanted("action");
      const kinds = wanted("kind");
      let shown = 0;
      for (const change of changes) {
        const { action, kind } = change.dataset;
        const fits = actions.has(action) && kinds.has(kind) && words.every((word) => texts.get(change).includes(word));
        change.hidden = !fits;
        shown += fits;
      }
      for (const section of all(".kind")) section.hidden = !section.querySelector(".change:not([hidden])");
      document.getElementById("shown").textContent = `${shown} of ${changes.length} shown`;
    };
    search.addEventListener("input", narrow);
    for (const box of all(".tools input[type=checkbox]")) box.addEventListener("change", narrow);
    const fold = (open) => () => {
      for (const change of changes) if (!change.hidden) change.open = open;
    };
    document.getElementById("open").addEventListener("click", fold(true));
    document.getElementById("close").addEventListener("click", fold(false));
    addEventListener("keydown", (event) => {
      if (event.key === "/" && !event.target.matches("input")) {
        event.preventDefault();
        search.focus();
      } else if (event.key === "Escape" && event.target === search) {
        search.value = "";
        narrow();
      }
    });
    narrow();
  }

  addEventListener("beforeprint", () => {
    for (const part of all("details")) part.open = true;
  });
  const marked = (step, on) => {
    for (const need of step.dataset.needs.split(",").filter(Boolean)) {
      document.getElementById(`s-${need}`)?.classList.toggle("needed", on);
    }
  };
  for (const step of all(".step")) {
    step.addEventListener("pointerenter", () => marked(step, true));
    step.addEventListener("pointerleave", () => marked(step, false));
  }
})();
