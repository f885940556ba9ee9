// Trails: what a number, claim, setting, measurement or trial leads to, as elements of the page. Everything shown
// comes from the page's own data and is written as text, never as markup.
const novumTrails = (() => {
  let loaded = null;
  const data = () => (loaded ??= JSON.parse(document.getElementById("novum-trails").textContent));
  const own = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);

  const fill = (node, children) => {
    for (const child of children.flat(3)) if (child !== null && child !== undefined && child !== "") node.append(child);
    return node;
  };
  const el = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    return fill(node, children);
  };
  const code = (text) => el("code", {}, text);
  const link = (address, ...children) => el("a", { href: "#" + address }, ...children);
  const section = (title, ...children) => {
    const shown = children.flat(3).filter((c) => c);
    return shown.length ? [el("h3", {}, title), ...shown] : [];
  };
  const facts = (rows) => {
    const given = rows.filter(([, value]) => value !== undefined && value !== null && value !== "" && value.length !== 0);
    return given.length ? el("dl", {}, given.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])) : null;
  };
  const table = (heads, rows, right = []) => el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": heads.join(", ") },
    el("table", {},
      el("thead", {}, el("tr", {}, heads.map((h, i) => el("th", right.includes(i) ? { class: "right" } : {}, h)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, i) => el("td", right.includes(i) ? { class: "right" } : {}, cell)))))));
  const number = (value) => {
    if (typeof value !== "number") return value === null || value === undefined ? "–" : String(value);
    const plain = Number.isInteger(value) || Math.abs(value) >= 1e5 || value === 0 ? value : Number(value.toPrecision(5));
    return (Math.abs(plain) >= 1e-4 && Math.abs(plain) < 1e12) || plain === 0
      ? plain.toLocaleString("en", { maximumFractionDigits: 10 }).replace("-", "−") : plain.toExponential(3).replaceAll("-", "−");
  };
  const withUnit = (value, unit) => (unit ? number(value) + (unit === "%" ? " %" : " " + unit) : number(value));
  const between = (low, high, unit) => (low === null && high === null ? "none"
    : (low === null ? "−∞" : number(low)) + " to " + (high === null ? "∞" : number(high)) + (unit ? " " + unit : ""));
  const badge = (verdict) => el("span", { class: "badge " + (["supported", "refuted"].includes(verdict) ? verdict : "inconclusive") },
    { supported: "✓ ", refuted: "✗ " }[verdict] || "○ ", verdict);
  const count = (n, one, many) => n + " " + (n === 1 ? one : many || one + "s");

  // --- words for configurations and measurements ---

  const titled = (name) => (own(data().factors, name) || { title: name }).title;
  const levelText = (level) => (typeof level === "boolean" ? (level ? "yes" : "no") : number(level));
  const moved = (config) => Object.keys(config || {}).sort()
    .filter((name) => { const f = own(data().factors, name); return !f || f.baseline !== config[name]; });
  const departures = (config) => moved(config).map((name) => titled(name) + " " + levelText(config[name])).join(", ") || "baseline";
  const armText = (arm) => { const config = own(data().arms, arm); return config ? departures(config) : arm; };
  const metricOf = (name) => own(data().metrics, name) || {};
  const metricTitle = (name) => metricOf(name).title || name;
  const configuration = (config) => el("details", {}, el("summary", {}, "the whole configuration"),
    facts(Object.keys(config).sort().map((name) => [titled(name), levelText(config[name])])));

  const measurement = (id) => {
    const row = own(data().measurements, id);
    if (!row) return null;
    const [metric, value, status, seed, trial, censoredAt, artefact, selfReported] = row;
    return { id, metric, value, status, seed, trial, censoredAt, artefact, selfReported };
  };
  const trialOf = (id) => own(data().trials, id);
  const armOf = (m) => { const t = trialOf(m.trial), node = t && own(data().nodes, t.node); return node ? node.arm : ""; };
  const valueText = (m) => (m.value === null ? "–" : number(m.value) + (m.status === "censored" ? " ×" : ""));
  const statusText = (m) => m.status + (m.status === "censored" && m.censoredAt !== null ? " at " + number(m.censoredAt) : "")
    + (m.selfReported ? ", self-reported" : "");
  const grouped = (measured) => {
    const groups = new Map();
    for (const m of measured) { const arm = armOf(m); groups.set(arm, [...(groups.get(arm) || []), m]); }
    return groups;
  };

  // A strip of dots to an arm, hollow where a run was censored.
  const drawn = (tag, attributes, ...children) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return fill(node, children);
  };
  const strip = (groups) => {
    const all = [...groups.values()].flat().filter((m) => typeof m.value === "number");
    const low = Math.min(...all.map((m) => m.value)), high = Math.max(...all.map((m) => m.value));
    if (all.length < 3 || groups.size > 8 || !(high > low)) return null;
    const wide = Math.min(700, Math.max(280, innerWidth - 50)), row = 34, left = 6, right = wide - 6;
    const x = (value) => left + ((value - low) / (high - low)) * (right - left);
    const parts = [];
    [...groups].forEach(([arm, ms], i) => {
      const y = 26 + i * row;
      parts.push(drawn("text", { x: left, y: y - 10 }, armText(arm).slice(0, Math.floor(wide / 7))));
      parts.push(drawn("line", { x1: left, x2: right, y1: y, y2: y, stroke: "currentColor", "stroke-opacity": ".25" }));
      for (const m of ms) if (typeof m.value === "number") {
        parts.push(drawn("circle", { cx: x(m.value).toFixed(1), cy: y, r: 4, stroke: "currentColor",
          fill: m.status === "censored" ? "none" : "currentColor", "fill-opacity": ".45" }));
      }
    });
    const foot = 26 + groups.size * row;
    parts.push(drawn("text", { x: left, y: foot }, number(low)));
    parts.push(drawn("text", { x: right, y: foot, "text-anchor": "end" }, number(high)));
    return drawn("svg", { viewBox: `0 0 ${wide} ${foot + 6}`, role: "img",
      "aria-label": `${all.length} values from ${number(low)} to ${number(high)}` }, ...parts);
  };

  const measurementRows = (measured) => table(["value", "status", "seed", "trial"], measured.map((m) => [
    link("n-" + m.id, valueText(m)), statusText(m), String(m.seed), link("t-" + m.trial, code(m.trial))]), [0]);
  const measurements = (measured) => {
    const groups = grouped(measured);
    const lists = [...groups].map(([arm, ms]) => [groups.size > 1 ? el("p", { class: "faint" }, armText(arm) + ", " + count(ms.length, "seed")) : null, measurementRows(ms)]);
    return [strip(groups), ...lists];
  };

  // --- the views; each gives its name in the path, a heading and what stands below ---

  const heading = (value, what) => el("h2", { id: "novum-title" }, el("strong", value.length > 24 ? { class: "words" } : {}, value), what);
  const command = (id) => el("p", { class: "faint" }, "In a terminal: ", code(`novum show ${data().study.id} --number ${id}`));

  const sourcesOf = (ids) => {
    const measured = ids.map(measurement).filter((m) => m);
    const trials = ids.filter((id) => trialOf(id));
    const claims = ids.filter((id) => own(data().claims, id)), ideas = ids.filter((id) => own(data().ideas, id));
    const others = ids.filter((id) => !measurement(id) && !trialOf(id) && !claims.includes(id) && !ideas.includes(id));
    return [
      section(count(measured.length, "measurement"), measured.length ? measurements(measured) : []),
      section(count(trials.length, "trial"), trials.length ? table(["trial", "phase", "configuration", "status"], trials.map((id) => {
        const t = trialOf(id);
        return [link("t-" + id, code(id)), t.phase, armText((own(data().nodes, t.node) || {}).arm), t.status];
      })) : []),
      section(count(claims.length, "claim"), claims.map(claimCard)),
      section(count(ideas.length, "idea"), ideas.length ? table(["idea", "scores"], ideas.map((id) => {
        const idea = data().ideas[id];
        return [idea.title, Object.entries(idea.scores).map(([name, score]) => `${name} ${number(score)}`).join(", ")];
      })) : []),
      section("Other records", others.length ? el("p", {}, others.map((id) => [code(id), " "])) : []),
      ids.length ? [] : el("p", { class: "faint" }, "Rests on the study's own record, not on measurements; ", code("novum log " + data().study.id), " lists it event by event."),
    ];
  };
  const claimCard = (id) => {
    const c = data().claims[id], d = c.decision;
    return el("div", { class: "card" }, el("p", {}, badge(d.verdict), " ", link("c-" + id, `Claim ${c.label}`), ": ", c.text),
      el("p", { class: "faint" }, interval(c)));
  };
  const interval = (c) => {
    const d = c.decision;
    return d.estimate === null ? "no estimate: " + d.reason
      : `estimate ${withUnit(d.estimate, c.unit)}, ${number(100 * d.level)} % interval ${between(d.low, d.high, c.unit)}`;
  };

  const numberView = (id) => {
    const s = data().numbers[id], config = own(data().arms, s.arm || ""), claim = own(data().claims, s.claim || "");
    const ids = data().lists[s.sources] || [];
    const counts = Object.entries(s.counts || {}).filter(([name]) => !["used", "arms"].includes(name)).map(([name, n]) => `${n} ${name}`).join(", ");
    return { name: "number", nodes: [
      heading(withUnit(s.value, s.unit), s.label),
      el("p", {}, own(data().computed, s.kind) || ""),
      facts([
        ["exact value", typeof s.value === "number" ? String(s.value) : ""],
        ["metric", s.metric ? [metricTitle(s.metric), el("span", { class: "faint" }, " ", metricOf(s.metric).description || "")] : ""],
        ["phase", s.phase],
        ["arm", config ? departures(config) : ""],
        ["estimand", claim ? ESTIMANDS[claim.estimand] || claim.estimand : ""],
        ["method", claim ? method(claim) : ""],
        ["95 % interval", s.interval ? between(s.interval[0], s.interval[1], s.unit) : ""],
        ["n", s.n ? count(s.n, "seed") : ""],
        ["seeds by status", counts],
        ["reference", code(id)],
      ]),
      config ? configuration(config) : null,
      claim ? section("The claim", claimCard(s.claim), arms(claim)) : null,
      sourcesOf(ids),
      command(id),
    ] };
  };

  const arms = (c) => {
    const rows = c.arms.map((arm, i) => [c.arms.length === 2 ? "ab"[i] : String(i + 1), armText(arm)]);
    return table(["arm", "departures from the baseline"], rows);
  };
  const ESTIMANDS = { mean_diff: "difference of means, b − a", median_diff: "median difference, b − a", rmst_diff: "difference of restricted means, b − a",
    ratio: "ratio of means, b / a", interaction: "interaction: difference of two differences", slope: "slope over ordered levels" };
  const NEEDS = { greater: "whole interval above", less: "whole interval below −", equivalent: "whole interval within ±" };
  const method = (c) => [c.decision.method, c.pairing, "registered test: " + c.test].filter((x) => x).join("; ");
  const predicate = (c) => (c.estimand === "ratio"
    ? `whole interval ${c.direction === "greater" ? "above" : c.direction === "less" ? "below one over" : "within a factor of"} ${number(c.margin)}`
    : `${NEEDS[c.direction] || c.direction} ${withUnit(c.margin, c.unit)}`.replace("− ", "−").replace("± ", "±"));

  const claimView = (id) => {
    const c = own(data().claims, id), d = c.decision;
    return { name: "claim " + c.label, nodes: [
      el("h2", { id: "novum-title" }, badge(d.verdict), el("strong", { class: "words" }, `${c.label}: ${c.text}`)),
      facts([
        ["predicts", c.direction],
        ["supported if", predicate(c)],
        ["estimand", ESTIMANDS[c.estimand] || c.estimand],
        ["metric", [metricTitle(c.metric), el("span", { class: "faint" }, " ", metricOf(c.metric).description || "")]],
        ["estimate", d.estimate === null ? "none" : withUnit(d.estimate, c.unit)],
        [`${number(100 * d.level)} % interval`, between(d.low, d.high, c.unit)],
        ["p at the margin", d.p_value === null ? "" : `${number(d.p_value)}, adjusted ${number(d.p_adjusted)} (${c.correction})`],
        ["method", method(c)],
        ["cross-check", d.cross_check ? `${d.cross_check}, p ${number(d.cross_check_p)}; ${d.agrees ? "agrees" : "disagrees"}` : ""],
        ["n", Object.entries(d.n).filter(([, n]) => n).map(([name, n]) => `${n} ${name}`).join(", ")],
        ["note", d.reason],
        ["reference", code(id)],
      ]),
      section("Arms", arms(c)),
      section("Listed works", c.literature.filter((w) => w.relation !== "silent").map((w) => el("p", {}, link("ref-" + w.reference, w.reference), ` ${w.relation}: `, w.statement))),
      sourcesOf(d.measurements),
    ] };
  };

  const settingView = (key) => {
    const s = own(data().settings, key), arm = key.split(".");
    const config = arm[0] === "arm" ? own(data().arms, arm[1].slice(0, 12)) : undefined;
    return { name: "setting", nodes: [
      heading(levelText(s.value), ""),
      el("p", {}, "Declared or set, not measured: ", s.where, "."),
      facts([["key", code(key)], ["configuration", config ? departures(config) : ""]]),
      config ? configuration(config) : null,
    ] };
  };

  const measurementView = (id) => {
    const m = measurement(id), t = trialOf(m.trial);
    return { name: "measurement", nodes: [
      heading(valueText(m) + (metricOf(m.metric).unit && m.value !== null ? " " + metricOf(m.metric).unit : ""), metricTitle(m.metric) + " of one seed"),
      el("p", {}, metricOf(m.metric).description || ""),
      facts([
        ["status", statusText(m)],
        ["seed", String(m.seed)],
        ["arm", armText(armOf(m))],
        ["artefact", m.artefact ? code(m.artefact) : "none"],
        ["evaluator", code(data().study.evaluator.hash.slice(0, 12))],
        ["reference", code(id)],
      ]),
      t ? section("The trial it comes from", el("p", {}, link("t-" + m.trial, "Trial ", code(m.trial)), `, ${t.phase}, ${t.status}`), trialParts(m.trial, t)) : null,
      command(id),
    ] };
  };

  const seconds = (value) => (value || 0).toFixed(2);
  const logText = (stage, stream) => (stage[stream] === undefined ? "" : data().logs[stage[stream]]);
  const logs = (stages) => stages.flatMap((stage) => ["stdout", "stderr"].filter((stream) => logText(stage, stream)).map((stream) =>
    el("details", { open: "" }, el("summary", {}, `${stage.name} ${stream}`), el("pre", { class: "log", tabindex: "0" }, logText(stage, stream)))));
  const files = (workspace) => Object.entries(own(data().workspaces, workspace) || {}).map(([path, sha]) => {
    const held = own(data().files, sha) || {};
    const shown = el("details", {}, el("summary", {}, path, el("span", { class: "faint" }, "  " + sha)));
    shown.addEventListener("toggle", () => {
      if (shown.open && shown.children.length === 1) {
        if (held.bytes !== undefined) shown.append(el("p", { class: "faint" }, `${held.text === undefined ? "Not text" : "Cut short"}: ${number(held.bytes)} bytes in all; the study's folder has the file.`));
        if (held.text) shown.append(el("pre", { tabindex: "0" }, el("code", {}, held.text)));
      }
    });
    return shown;
  });
  const runs = (command) => el("p", { class: "faint" }, "Runs ", code(command.join(" ")));

  const trialParts = (id, t) => {
    const study = data().study, node = own(data().nodes, t.node) || {}, stages = t.stages || [];
    const printed = logs(stages);
    return [
      facts([
        ["configuration", armText(node.arm)],
        ["phase", t.phase],
        ["seeds", (t.seeds || []).join(", ")],
        ["status", t.status + (t.reason ? ": " + t.reason : "")],
        ["attempts", count(t.attempts, "attempt") + (t.interrupted ? `, ${t.interrupted} of them cut short by the machine` : "")],
        ["confinement", t.sandbox],
        ["host", t.host],
        ["processor time", seconds(stages.reduce((sum, s) => sum + (s.cpu_seconds || 0), 0)) + " s"],
        ["node", [code(t.node), " ", [node.operator, node.plan].filter((x) => x).join(": ")]],
        ["notes", (t.notes || []).join("; ")],
      ]),
      own(data().arms, node.arm) ? configuration(data().arms[node.arm]) : null,
      stages.length ? table(["stage", "ended", "CPU s", "wall s", "peak MB", "files left"], stages.map((s) => [
        s.name, s.status + (s.signal ? `, signal ${s.signal}` : s.exit_code ? `, exit ${s.exit_code}` : "") + (s.detail ? ": " + s.detail : ""),
        seconds(s.cpu_seconds), seconds(s.wall_seconds), (s.peak_mb || 0).toFixed(0), String(s.outputs || 0)]), [2, 3, 4, 5]) : null,
      section("Logs", printed.length ? printed : el("p", { class: "faint" }, "No stage printed anything.")),
      section("Code: the program as it ran", own(study.programs, node.program) ? runs(study.programs[node.program]) : null, files(node.workspace)),
      section("Code: the evaluator", runs(study.evaluator.command), files(study.evaluator.files)),
      study.prepare.command.length ? section("Code: the data generator", runs(study.prepare.command), files(study.prepare.files)) : null,
      section("On disk", el("p", {}, code(`nodes/${t.node}/workspace/`), " ", code(`nodes/${t.node}/logs/${id}/`), " ", code(`nodes/${t.node}/outputs/${id}/`))),
    ];
  };
  const trialView = (id) => {
    const t = trialOf(id);
    const measured = Object.keys(data().measurements).map(measurement).filter((m) => m.trial === id);
    return { name: "trial", nodes: [
      el("h2", { id: "novum-title" }, el("strong", { class: "words" }, "Trial ", code(id)), `${t.phase}, ${t.status}`),
      trialParts(id, t),
      section(count(measured.length, "measurement"), measured.length ? table(["metric", "seed", "value", "status"], measured.map((m) => [
        metricTitle(m.metric), String(m.seed), link("n-" + m.id, valueText(m)), statusText(m)]), [2]) : []),
    ] };
  };

  // --- which view an address asks for ---

  const viewOf = (address) => {
    const d = data(), id = address.slice(2);
    if (address.startsWith("n-")) return own(d.numbers, id) ? numberView(id) : own(d.measurements, id) ? measurementView(id) : null;
    if (address.startsWith("t-")) return own(d.trials, id) ? trialView(id) : null;
    if (address.startsWith("c-")) return own(d.claims, id) ? claimView(id) : null;
    if (address.startsWith("cfg:")) return own(d.settings, address.slice(4)) ? settingView(address.slice(4)) : null;
    return null;
  };
  const isTrail = (address) => /^(?:[ntc]-|cfg:)/.test(address);
  return { viewOf, isTrail, el, fill, link };
})();
