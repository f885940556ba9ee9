// The panel beside the text: opening a trail, going on, going back, closing. The address says what is open.
(() => {
  const byId = (name) => document.getElementById("novum-" + name);
  const panel = byId("panel"), trail = byId("trail");
  if (!panel) return;
  const { viewOf, isTrail, el, fill, link } = novumTrails;
  const plain = (fragment) => {
    try { return decodeURIComponent(fragment); } catch { return ""; }
  };
  const here = () => plain(location.hash.slice(1));

  let walked = []; // [address, name] of the views from the paper to this one
  const path = () => {
    const steps = walked.map(([address, name], i) => el("li", {},
      i === walked.length - 1 ? el("span", { "aria-current": "step" }, name) : link(address, name)));
    const paper = el("a", { href: "#" }, "paper");
    paper.addEventListener("click", (event) => { event.preventDefault(); panel.close(); });
    byId("path").replaceChildren(el("ol", {}, el("li", {}, paper), steps));
  };
  const pointAt = (address) => {
    document.querySelectorAll("a.at").forEach((a) => a.classList.remove("at"));
    for (const a of document.querySelectorAll("main a.n, main a.v, main a.s")) if (a.getAttribute("href") === "#" + address) a.classList.add("at");
  };
  const open = (address) => {
    if (panel.open && walked.length && walked[walked.length - 1][0] === address) return true;
    const view = viewOf(address);
    if (!view) return false;
    const place = walked.findIndex(([known]) => known === address);
    walked = place >= 0 ? walked.slice(0, place + 1) : [...(panel.open ? walked : []), [address, view.name]];
    trail.replaceChildren();
    fill(trail, view.nodes);
    path();
    pointAt(walked[0][0]);
    if (!panel.open) panel.showModal();
    trail.scrollTop = 0;
    trail.focus({ preventScroll: true });
    return true;
  };
  const route = () => {
    const address = here();
    if (!(isTrail(address) && open(address)) && panel.open) panel.close();
  };

  document.addEventListener("click", (event) => {
    const a = event.target.closest ? event.target.closest("a[href^='#']") : null;
    if (!a || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const address = plain(a.getAttribute("href").slice(1));
    if (isTrail(address) && viewOf(address)) {
      event.preventDefault();
      history.pushState(null, "", "#" + address);
      open(address);
    } else if (panel.contains(a)) {
      panel.close();
    }
  });
  panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
  byId("close").addEventListener("click", () => panel.close());
  panel.addEventListener("close", () => {
    walked = [];
    pointAt("");
    if (isTrail(here())) history.pushState(null, "", location.pathname + location.search);
  });
  addEventListener("popstate", route);
  addEventListener("hashchange", route);
  route();
})();
