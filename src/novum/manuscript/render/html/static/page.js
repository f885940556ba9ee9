"use strict";
// The page itself: theme, print, places inside folded sections.
(() => {
  const byId = (name) => document.getElementById("novum-" + name);

  const root = document.documentElement;
  const theme = byId("theme");
  const THEMES = ["auto", "light", "dark"];
  const kept = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("novum-theme");
      localStorage.setItem("novum-theme", value);
    } catch { /* a page opened from a file may be refused a memory */ }
    return value;
  };
  const show = (name) => {
    if (name === "auto") delete root.dataset.theme;
    else root.dataset.theme = name;
    theme.textContent = "Theme: " + name;
    theme.dataset.now = name;
  };
  show(THEMES.includes(kept()) ? kept() : "auto");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(theme.dataset.now) + 1) % THEMES.length];
    kept(next);
    show(next);
  });
  const print = byId("print");
  print.hidden = false;
  print.addEventListener("click", () => window.print());

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("main details:not([open])")];
    closed.forEach((d) => { d.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((d) => { d.open = false; }));
  const contents = byId("contents");
  if (contents && !matchMedia("(min-width: 72rem)").matches) contents.open = false;

  const uncover = () => {
    let name = "";
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { /* no address of ours */ }
    const target = name && document.getElementById(name), folded = target && target.closest("details:not([open])");
    if (!folded) return;
    for (let d = folded; d; d = d.parentElement.closest("details")) d.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", uncover);
  uncover();
})();
