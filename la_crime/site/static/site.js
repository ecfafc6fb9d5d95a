// Draws the charts, the map and the place pages. Data comes from scripts that set window.laCrime….
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const CLASSES = ["#edf8b1", "#a1dab4", "#41b6c4", "#225ea8", "#0c2c84"];
const NO_TIER = "#d9d9d9";
const NOUNS = { crimes: "recorded crimes", arrests: "arrests" };

const byId = (id) => document.getElementById(id);
const number = (value, digits = 0) =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const percent = (share) =>
  `${number(100 * share, (share > 0 && share < 0.1) || (share >= 0.995 && share < 1) ? 1 : 0)} %`;

/** An element with attributes and children; a string among the children becomes text. */
function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function makeSvg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    // the pages' policy refuses style attributes, and not what a script of theirs sets
    if (key === "style") made.style.cssText = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** A table of head cells and rows; numbers of the columns in `numeric` stand right. */
function fillTable(table, caption, heads, rows, numeric) {
  const kind = (i) => (numeric.includes(i) ? { class: "number" } : {});
  table.replaceChildren(
    make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...heads.map((h, i) => make("th", { scope: "col", ...kind(i) }, h)))),
    make("tbody", {}, ...rows.map((row) =>
      make("tr", {}, ...row.map((value, i) =>
        i ? make("td", kind(i), value) : make("th", { scope: "row" }, value))))),
  );
  return table;
}

function scrollable(label, table) {
  return make("div", { class: "table", role: "group", tabindex: 0, "aria-label": label }, table);
}

function saveCsv(name, rows) {
  // text that a spreadsheet would run as a formula gets a quote mark, as in the site's CSV files
  const plain = (value) =>
    typeof value === "string" && /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  const quote = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value ?? "");
  const text = rows.map((row) => row.map(plain).map(quote).join(",")).join("\n") + "\n";
  const link = make("a", { download: name, href: URL.createObjectURL(new Blob([text], { type: "text/csv" })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// --- Charts ------------------------------------------------------------------------------------

// What the pages' policy refuses, functions made of text and styles in the page, has a substitute:
// an interpreter of Vega's expressions, and site.css.
const EMBED = {
  actions: false,
  renderer: "svg",
  ast: true,
  defaultStyle: false,
  tooltip: { disableDefaultStyle: true },
};

async function drawCharts() {
  for (const script of document.querySelectorAll("script[data-chart]")) {
    const target = byId(script.dataset.chart);
    await window.vegaEmbed(target, JSON.parse(script.textContent), EMBED);
    // the text before the chart says what it shows; single marks would only be noise
    target.querySelector("svg").setAttribute("aria-hidden", "true");
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  }
}

// --- What a run says of a place ----------------------------------------------------------------

const runOf = (scope, source, period) =>
  window.laCrimeMap.runs.find((run) => run.scope === scope && run.source === source && run.period === period);

/** The place at `i` of a run's scope: volume and rate are null where they are too few to show. */
function valuesAt(run, i) {
  const places = window.laCrimeMap.scopes[run.scope];
  const volume = run.volume[i];
  const rank = run.rank[i];
  return {
    id: places.ids[i],
    name: places.names[i],
    volume,
    rate: volume === null ? null : volume / places.km2[i],
    rank,
    tier: rank ? run.tiers[rank - 1].name : null,
    confidence: run.confidence ? run.confidence[i] : null,
    isBorderline: Boolean(run.isBorderline && run.isBorderline[i]),
  };
}

const countText = (volume) =>
  volume === null ? `fewer than ${window.laCrimeMap.fewestShown}` : number(volume);
const rateText = (rate) => (rate === null ? "not shown" : number(rate, 1));
const tierText = (tier) => tier ?? "none: too few for a tier";

function confidenceText(run, value) {
  if (!run.confidence) return "not measured for this choice";
  if (value.confidence === null) return "none";
  return `${percent(value.confidence)} of recounts keep it${value.isBorderline ? " (borderline)" : ""}`;
}

// --- The map -----------------------------------------------------------------------------------

/** Bounds [left, top, right, bottom] of path data whose moves are absolute and lines relative. */
function bounds(path) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of path.split("M").slice(1)) {
    const steps = ring.match(/-?\d+/g).map(Number);
    let x = 0, y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  return box;
}

const middle = (box) => [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];

function startMap() {
  const data = window.laCrimeMap;
  const svg = byId("map");
  const frame = svg.parentElement; // hears for the map: Chromium lets Tab stop at an SVG that listens
  const form = byId("controls");
  let shown = null; // the scope that is drawn
  let links = []; // its places, in the order of the data
  let centres = [];
  let current = 0; // the place that Tab reaches
  let run = null;

  const allowed = {
    scope: ["area", "district"],
    source: ["crimes", "arrests"],
    measure: ["tier", "count", "rate"],
    period: data.periods.map((period) => period.id),
    zoom: ["city", ...data.scopes.area.ids],
  };

  function readHash() {
    const state = { scope: "area", source: "crimes", measure: "tier", period: "all", zoom: "city" };
    for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
      if (allowed[key]?.includes(value)) state[key] = value;
    }
    return state;
  }

  function fillPeriods(state) {
    const runs = data.periods
      .map((period) => [period, runOf(state.scope, state.source, period.id)])
      .filter(([, found]) => found);
    form.elements.period.replaceChildren(...runs.map(([period, found]) => {
      const option = make("option", { value: period.id },
        period.name + (found.isRun ? (period.isComplete ? "" : " (incomplete)") : " (too few records)"));
      option.disabled = !found.isRun;
      return option;
    }));
    const usable = runs.filter(([, found]) => found.isRun).map(([period]) => period.id);
    if (!usable.includes(state.period)) state.period = usable[0] ?? null;
  }

  function draw(scope) {
    const places = data.scopes[scope];
    const group = makeSvg("g", { class: "places" });
    links = places.ids.map((id, i) => {
      const link = makeSvg("a", {
        href: `place.html#${scope}-${id}`, "data-id": id, "data-index": i, tabindex: -1,
      }, makeSvg("path", { d: places.paths[i], "fill-rule": "evenodd" }));
      group.append(link);
      return link;
    });
    centres = places.paths.map((path) => middle(bounds(path)));
    const patterns = makeSvg("defs");
    const over = scope === "district"
      ? data.scopes.area.paths.map((d) => makeSvg("path", { d, class: "outline" }))
      : places.names.map((name, i) =>
          makeSvg("text", { class: "area-name", x: centres[i][0], y: centres[i][1], "aria-hidden": true }, name));
    svg.replaceChildren(patterns, group, ...over);
    current = 0;
    shown = scope;
  }

  function zoom(state) {
    const margin = 12;
    const box = state.zoom === "city"
      ? [0, 0, data.width, data.height]
      : bounds(data.scopes.area.paths[data.scopes.area.ids.indexOf(state.zoom)]);
    const [width, height] = [box[2] - box[0], box[3] - box[1]];
    svg.setAttribute("viewBox",
      `${box[0] - margin} ${box[1] - margin} ${width + 2 * margin} ${height + 2 * margin}`);
    const unit = Math.max(width / (svg.clientWidth || 600), height / (svg.clientHeight || 800));
    nameAreas(unit);
    return unit;
  }

  /** Names of areas in a constant size on the screen, moved up or down where two would overlap. */
  function nameAreas(unit) {
    const placed = [];
    svg.querySelectorAll(".area-name").forEach((text, i) => {
      text.style.fontSize = `${11 * unit}px`;
      text.style.strokeWidth = `${3 * unit}px`;
      const half = (text.textContent.length * 11 * unit * 0.55) / 2;
      const [x, y] = centres[i];
      const isFree = (at) => placed.every(([left, top, reach]) =>
        Math.abs(left - x) > reach + half || Math.abs(top - at) > 12 * unit);
      const at = [0, 12, -12, 24, -24].map((step) => y + step * unit).find(isFree) ?? y;
      text.setAttribute("y", at);
      placed.push([x, at, half]);
    });
  }

  /** Patterns for the borderline places of each tier, a constant width on the screen. */
  function hatch(unit) {
    svg.querySelector("defs").replaceChildren(...run.tiers.map((tier, i) => {
      const size = 6 * unit;
      const stripe = i < run.tiers.length - 1 ? "#ffffff" : "#9aa5b1";
      return makeSvg("pattern", {
        id: `hatch-${i + 1}`, width: size, height: size, patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(45)",
      }, makeSvg("rect", { width: size, height: size, fill: tier.colour }),
      makeSvg("rect", { width: size * 0.3, height: size, fill: stripe }));
    }));
  }

  /** Bounds of five classes with about as many places in each, at two digits that count. */
  function classes(values) {
    const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
    const round = (value) => Number(value.toPrecision(2));
    const cuts = [1, 2, 3, 4].map((i) => round(sorted[Math.floor((i * sorted.length) / 5)]));
    return [...new Set(cuts)];
  }

  function paint(state) {
    const unit = zoom(state);
    hatch(unit);
    const values = links.map((_, i) => valuesAt(run, i));
    const measured = values.map((v) => (state.measure === "rate" ? v.rate : v.volume));
    const cuts = state.measure === "tier" ? [] : classes(measured);
    const noun = NOUNS[state.source];
    links.forEach((link, i) => {
      const value = values[i];
      let fill = NO_TIER;
      if (state.measure === "tier") {
        if (value.rank) fill = value.isBorderline ? `url(#hatch-${value.rank})` : run.tiers[value.rank - 1].colour;
      } else if (measured[i] !== null) {
        fill = CLASSES[cuts.filter((cut) => measured[i] >= cut).length];
      }
      link.firstChild.setAttribute("fill", fill);
      link.setAttribute("tabindex", i === current ? 0 : -1);
      Object.assign(link.dataset, {
        tier: value.tier ?? "",
        volume: value.volume ?? "",
        rate: value.rate === null ? "" : value.rate.toFixed(1),
        confidence: value.confidence ?? "",
        borderline: value.isBorderline,
      });
      link.setAttribute("aria-label",
        `${value.name}: tier ${tierText(value.tier)}, ${countText(value.volume)} ${noun}, `
        + `${rateText(value.rate)} per square kilometre${value.isBorderline ? ", borderline" : ""}`);
    });
    legend(state, values, measured, cuts);
    table(state, values);
  }

  function legend(state, values, measured, cuts) {
    const entry = (style, text) =>
      make("li", {}, make("span", { class: "swatch", style: `background:${style}` }), text);
    const items = [];
    if (state.measure === "tier") {
      run.tiers.forEach((tier, i) => {
        const volumes = values.filter((v) => v.rank === i + 1).map((v) => v.volume);
        if (!volumes.length) return;
        const shownVolumes = volumes.filter((v) => v !== null);
        const span = `${number(Math.min(...shownVolumes))} to ${number(Math.max(...shownVolumes))}`;
        items.push(entry(tier.colour, `${tier.name}: ${span} · ${number(volumes.length)} ${volumes.length === 1 ? "place" : "places"}`));
      });
      if (values.some((v) => v.isBorderline)) {
        items.push(entry("repeating-linear-gradient(45deg,#1d91c0 0 4px,#fff 4px 6px)",
          "striped: borderline, a recount could move it"));
      }
      if (values.some((v) => !v.rank)) items.push(entry(NO_TIER, "no tier: too few records"));
    } else {
      const digits = state.measure === "rate" ? 1 : 0;
      const text = (value) => number(value, value % 1 ? digits : 0);
      [...cuts, null].forEach((cut, i) => {
        const from = i ? text(cuts[i - 1]) : null;
        const label = from === null ? `under ${text(cut)}` : cut === null ? `${from} and more` : `${from} to ${text(cut)}`;
        items.push(entry(CLASSES[i], label));
      });
      if (measured.includes(null)) items.push(entry(NO_TIER, `fewer than ${data.fewestShown}, not shown`));
    }
    const title = {
      tier: `Tier by ${NOUNS[state.source]}`,
      count: `${NOUNS[state.source][0].toUpperCase()}${NOUNS[state.source].slice(1)}`,
      rate: `${NOUNS[state.source][0].toUpperCase()}${NOUNS[state.source].slice(1)} per km²`,
    }[state.measure];
    const period = data.periods.find((p) => p.id === state.period).name;
    byId("legend").replaceChildren(make("h2", {}, `${title}, ${period}`), make("ul", {}, ...items));
  }

  function rows(values) {
    return values
      .filter((v) => shown === "area" || v.volume !== null)
      .sort((a, b) => (b.volume ?? -1) - (a.volume ?? -1));
  }

  function table(state, values) {
    const period = data.periods.find((p) => p.id === state.period);
    fillTable(byId("map-table"),
      `${shown === "area" ? "Areas" : "Districts"} by ${NOUNS[state.source]}, ${period.name}`
      + (shown === "district" ? ` (without those with fewer than ${data.fewestShown})` : ""),
      ["Place", "Tier", "Count", "Per km²", "Keeps tier"],
      rows(values).map((v) => [
        make("a", { href: `place.html#${shown}-${v.id}` }, v.name),
        v.tier ?? "none", countText(v.volume), rateText(v.rate),
        v.confidence === null ? "—" : percent(v.confidence) + (v.isBorderline ? " *" : ""),
      ]), [2, 3, 4]);
  }

  function details(i) {
    const box = byId("details");
    if (i === null) {
      box.replaceChildren(make("h2", {}, "One place"),
        make("p", { class: "note" }, "Point at a place or tap it; or go to the map with Tab, and on with the arrow keys."));
      return;
    }
    const value = valuesAt(run, i);
    const facts = [
      ["Tier", tierText(value.tier)],
      [run.source === "crimes" ? "Recorded crimes" : "Arrests", countText(value.volume)],
      ["Per km²", rateText(value.rate)],
      ["Tier’s confidence", confidenceText(run, value)],
    ];
    box.replaceChildren(
      make("h2", {}, value.name),
      make("dl", {}, ...facts.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)])),
      make("a", { href: `place.html#${shown}-${value.id}` }, "More on this place"));
    links.forEach((link, at) => link.classList.toggle("chosen", at === i));
  }

  function note(state) {
    const period = data.periods.find((p) => p.id === state.period);
    const parts = [
      `K-means with ${run.tiers.length} tiers on recorded volume, ${number(run.rank.filter(Boolean).length)} places,`
      + ` mean silhouette ${run.silhouette.toFixed(2)}; run ${run.id}.`,
    ];
    if (run.source === "arrests") parts.push("Arrests measure enforcement, not crime.");
    if (run.caution) {
      parts.push(`Caution: ${run.caution}.`);
    } else if (!period.isComplete) {
      parts.push("The period is not complete in this data.");
    }
    if (run.confidence) {
      parts.push("Keeps tier: the share of recounts in which the place keeps its tier; * marks borderline places.");
    } else parts.push("How sure these tiers are was not measured; it is for the headline runs.");
    byId("run-note").textContent = parts.join(" ");
  }

  function update(state) {
    fillPeriods(state);
    run = runOf(state.scope, state.source, state.period);
    for (const key of ["scope", "source", "measure", "period", "zoom"]) form.elements[key].value = state[key];
    if (!run) {
      svg.replaceChildren();
      shown = null;
      byId("legend").replaceChildren();
      byId("map-table").replaceChildren();
      byId("details").replaceChildren();
      byId("run-note").textContent = "The data in hand is too thin for tiers of this choice.";
      return;
    }
    if (shown !== state.scope) draw(state.scope);
    paint(state);
    details(null);
    note(state);
  }

  form.elements.zoom.replaceChildren(make("option", { value: "city" }, "the whole city"),
    ...data.scopes.area.ids
      .map((id, i) => make("option", { value: id }, data.scopes.area.names[i]))
      .sort((a, b) => a.textContent.localeCompare(b.textContent)));
  byId("map-note").textContent = "North is up. " + (data.areBoundaries
    ? "Outlines are the department’s, simplified."
    : "Outlines are approximate: each district is drawn as the points nearest to its centre.");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    const state = Object.fromEntries(new FormData(form));
    update(state);
    history.replaceState(null, "", `#${new URLSearchParams(Object.fromEntries(new FormData(form)))}`);
  });
  window.addEventListener("hashchange", () => {
    if (location.hash !== "#content") update(readHash());
  });
  window.addEventListener("resize", () => run && hatch(zoom(Object.fromEntries(new FormData(form)))));

  const indexOf = (target) => {
    const link = target.closest?.("a[data-index]");
    return link ? Number(link.dataset.index) : null;
  };
  let touched = false;
  let chosen = null;
  frame.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch"; });
  for (const kind of ["pointerover", "focusin"]) {
    frame.addEventListener(kind, (event) => {
      const i = indexOf(event.target);
      if (i !== null) details(i);
    });
  }
  frame.addEventListener("click", (event) => {
    const i = indexOf(event.target);
    if (i === null) return;
    if (touched && chosen !== i) event.preventDefault(); // a finger cannot point: the first tap chooses
    chosen = i;
    touched = false;
    details(i);
  });
  frame.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    const from = indexOf(event.target);
    if (!step || from === null) return;
    event.preventDefault();
    let best = null, least = Infinity;
    centres.forEach(([x, y], i) => {
      const [dx, dy] = [x - centres[from][0], y - centres[from][1]];
      const along = dx * step[0] + dy * step[1];
      const across = Math.abs(dx * step[1]) + Math.abs(dy * step[0]);
      if (along > 0 && across <= 2 * along && along + 2 * across < least) {
        least = along + 2 * across;
        best = i;
      }
    });
    if (best === null) return;
    links[from].setAttribute("tabindex", -1);
    links[best].setAttribute("tabindex", 0);
    current = best;
    links[best].focus();
  });
  byId("download").addEventListener("click", () => {
    const values = rows(links.map((_, i) => valuesAt(run, i)));
    saveCsv(`${run.id}.csv`, [
      ["run_id", "scope", "place_id", "place_name", "tier", "volume", "per_km2", "p_tier", "is_borderline"],
      ...values.map((v) => [run.id, run.scope, v.id, v.name, v.tier, v.volume,
        v.rate === null ? null : v.rate.toFixed(1), v.confidence, run.confidence ? v.isBorderline : null]),
    ]);
  });
  byId("map-page").hidden = false;
  update(readHash());
}

// --- One place ---------------------------------------------------------------------------------

function startPlace() {
  const data = window.laCrimeMap;
  const known = new Map();
  for (const scope of ["district", "area"]) {
    data.scopes[scope].ids.forEach((id, i) => known.set(`${scope}-${id}`, { scope, id, i }));
  }
  const nameOf = (place) => data.scopes[place.scope].names[place.i];
  byId("places").append(...[...known.values()].map((place) =>
    make("option", { value: nameOf(place) + (place.scope === "area" ? " (area)" : "") })));

  function find(text) {
    const wanted = text.trim().toLowerCase().replace(/\s*\(area\)$/, "").replace(/^(district|area)\s+/, "");
    const places = [...known.values()];
    return places.find((p) => nameOf(p).toLowerCase() === wanted)
      ?? places.find((p) => p.id === wanted.replace(/^0+/, ""))
      ?? (wanted && places.reverse().find((p) => nameOf(p).toLowerCase().startsWith(wanted)));
  }

  function wanted() {
    if (location.hash.length > 1 && location.hash !== "#content") return decodeURIComponent(location.hash.slice(1));
    const query = new URLSearchParams(location.search);
    for (const scope of ["area", "district"]) if (query.has(scope)) return `${scope}-${query.get(scope)}`;
    return null;
  }

  /** Load an area's file once, as a script: a page from a file may not fetch. */
  function load(area) {
    const name = `laCrimeArea${area}`;
    if (window[name]) return Promise.resolve(window[name]);
    return new Promise((resolve, reject) => {
      const script = make("script", { src: `assets/places/area-${area}.js` });
      script.onload = () => resolve(window[name]);
      script.onerror = () => reject(new Error(`assets/places/area-${area}.js is missing`));
      document.head.append(script);
    });
  }

  async function show() {
    const key = wanted();
    const place = key && known.get(key);
    byId("find-note").textContent = key && !place
      ? `There is no place ${key} on the department’s map.` : "";
    if (!place) {
      byId("place").replaceChildren(overview());
      return;
    }
    const facts = (await load(data.scopes[place.scope].areas[place.i]))[key];
    document.title = `${nameOf(place)} · Los Angeles recorded crime`;
    byId("place").replaceChildren(top(place, facts), yearly(place), mix(place, facts), near(place, facts));
    byId("place").dataset.place = key;
  }

  function linkTo(place) {
    return make("a", { href: `#${place.scope}-${place.id}` }, nameOf(place));
  }

  function overview() {
    const areas = data.scopes.area.ids.map((id) => known.get(`area-${id}`));
    return make("section", {}, make("h2", {}, "Choose an area"),
      make("ul", { class: "chips" }, ...areas.map((place) => make("li", {}, linkTo(place)))));
  }

  function runsOf(place, source) {
    return data.runs
      .filter((run) => run.isRun && run.scope === place.scope && run.source === source)
      .map((run) => [data.periods.find((period) => period.id === run.period), run, valuesAt(run, place.i)]);
  }

  function top(place, facts) {
    const scope = data.scopes[place.scope];
    const area = known.get(`area-${scope.areas[place.i]}`);
    const list = [];
    const add = (name, ...content) => list.push(make("dt", {}, name), make("dd", {}, ...content));
    if (place.scope === "district") add("Area", linkTo(area));
    else add("Bureau", data.bureaus[place.id]);
    add("Size", `${number(scope.km2[place.i], 2)} km²`);
    for (const source of ["crimes", "arrests"]) {
      const all = runsOf(place, source).find(([period]) => period.id === "all");
      if (!all) continue;
      const [period, run, value] = all;
      add(source === "crimes" ? "Recorded crimes" : "Arrests",
        `${countText(value.volume)}, ${period.name}`
        + (value.rate === null ? "" : ` (${rateText(value.rate)} per km²)`));
      add(source === "crimes" ? "Tier by crimes" : "Tier by arrests", tierText(value.tier)
        + (run.confidence && value.rank ? `; ${confidenceText(run, value)}` : ""));
    }
    if (facts.trajectory) {
      const [name, years, slope, low, high] = facts.trajectory;
      add("Over the years", name + (slope === null ? "" : `; its share of the city changed by ${signed(slope)} a year`
        + ` (${signed(low)} to ${signed(high)}) over ${years} complete years`));
    }
    if (facts.robustness) {
      const [tier, share, n] = facts.robustness;
      add("Other choices", `${percent(share)} of ${number(n)} other defensible methods also say ${tier}`);
    }
    for (const [period, tier, label, quotients] of facts.typology) {
      const name = data.periods.find((p) => p.id === period)?.name ?? period;
      add(`Type, ${name}`, `volume ${tier}; a mix with more ${label.replace(", ", " and ")} than elsewhere`
        + (quotients ? `. Most above the city’s share: ${quotients}` : ""));
    }
    const title = make("h2", {}, nameOf(place) + (place.scope === "area" ? " (area)" : ""));
    return make("section", { class: "place-top" },
      make("div", {}, title, make("dl", {}, ...list),
        make("p", { class: "note" }, "The address of this page opens this place again.")),
      locator(place, facts));
  }

  const signed = (slope) => {
    const change = 100 * (Math.exp(slope) - 1);
    return `${change < 0 ? "−" : "+"}${number(Math.abs(change), 1)} %`;
  };

  function locator(place, facts) {
    const svg = makeSvg("svg", {
      class: "locator", viewBox: `-10 -10 ${data.width + 20} ${data.height + 20}`, role: "img",
      "aria-label": `Where ${nameOf(place)} lies in the city, with its neighbours`,
    });
    const paths = data.scopes[place.scope].paths;
    const shape = (i, kind) => makeSvg("path", { d: paths[i], "fill-rule": "evenodd", ...kind });
    svg.append(...data.scopes.area.paths.map((d) => makeSvg("path", { d, "fill-rule": "evenodd" })),
      ...facts.neighbours.map((id) => shape(known.get(`${place.scope}-${id}`).i, { class: "near" })),
      shape(place.i, { class: "here" }));
    return svg;
  }

  function yearly(place) {
    const years = runsOf(place, "crimes").filter(([period]) => period.isYear);
    const section = make("section", {}, make("h2", {}, "Recorded crimes by year"));
    if (years.every(([, , value]) => value.volume === null)) {
      section.append(make("p", { class: "note" }, "The data in hand has no year with enough crimes to show."));
      return section;
    }
    const [width, height, foot] = [720, 220, 24];
    const step = width / Math.max(8, years.length);
    const most = Math.max(1, ...years.map(([, , value]) => value.volume ?? 0));
    const bars = years.flatMap(([period, run, value], i) => {
      const x = i * step;
      const tall = ((value.volume ?? 0) / most) * (height - foot - 24);
      const parts = [makeSvg("text", { x: x + step / 2, y: height - 6 }, period.name + casesMark(period))];
      if (value.volume === null) {
        parts.push(makeSvg("text", { x: x + step / 2, y: height - foot - 4 }, `<${data.fewestShown}`));
      } else {
        parts.push(
          makeSvg("rect", {
            x: x + step * 0.12, width: step * 0.76, y: height - foot - tall, height: tall,
            fill: value.rank ? run.tiers[value.rank - 1].colour : NO_TIER, stroke: "#52606d",
            ...(period.isComplete ? {} : { "stroke-dasharray": "3 3" }),
          }),
          makeSvg("text", { x: x + step / 2, y: height - foot - tall - 5 }, number(value.volume)));
      }
      return parts;
    });
    const tiers = years[0][1].tiers;
    const chart = scrollable("Recorded crimes by year, as bars", makeSvg("svg", {
      class: "history", viewBox: `0 0 ${width} ${height}`, role: "img",
      style: "min-width:560px",
      "aria-label": `Recorded crimes in ${nameOf(place)} by year; the values are in the table below`,
    }, ...bars));
    // the newest years first, where a phone has no room for all
    requestAnimationFrame(() => { chart.scrollLeft = chart.scrollWidth; });
    section.append(
      make("p", {}, "Bars have the colour of the tier of that year: ",
        ...tiers.flatMap((tier, i) => [
          make("span", { class: "whole" }, make("span", { class: "tier", style: `background:${tier.colour}` }),
            tier.name + (i < tiers.length - 1 ? "," : ".")), " "]),
        "A dashed bar is a year that is not complete. Tiers are relative to the other places of that year.",
        years.some(([period]) => period.hasCases)
          ? " * counts cases of another record system, NIBRS, in part or whole: do not compare it with reports." : ""),
      chart,
      make("details", {}, make("summary", {}, "The years as a table"),
        scrollable("Recorded crimes by year", fillTable(make("table"), "Recorded crimes and tier by year",
          ["Year", "Crimes", "Tier", "Keeps tier"],
          years.map(([period, run, value]) => [
            period.name + casesMark(period) + (period.isComplete ? "" : " (incomplete)"), countText(value.volume),
            value.tier ?? "none", run.confidence && value.confidence !== null ? percent(value.confidence) : "—"]),
          [1, 3]))),
      csvButton(`${place.scope}-${place.id}-years.csv`, () => [
        ["scope", "place_id", "year", "is_complete", "crimes", "tier"],
        ...years.map(([period, , value]) =>
          [place.scope, place.id, period.id, period.isComplete, value.volume, value.tier])]));
    return section;
  }

  function casesMark(period) {
    return period.hasCases ? "*" : "";
  }

  function csvButton(name, rows) {
    const button = make("button", { type: "button" }, "Download the data (CSV)");
    button.addEventListener("click", () => saveCsv(name, rows()));
    return make("p", { class: "download" }, button);
  }

  function mix(place, facts) {
    const section = make("section", {}, make("h2", {}, "What it consists of"));
    const choices = Object.entries(facts.profiles).reverse().flatMap(([source, periods]) =>
      Object.keys(periods).sort().reverse().map((period) => [source, period]));
    if (!choices.length) {
      section.append(make("p", { class: "note" }, "The data in hand has no profile of this place."));
      return section;
    }
    const names = { crimes: "Crimes", arrests: "Arrests (enforcement)" };
    const periodName = (id) => data.periods.find((period) => period.id === id)?.name ?? id;
    const select = make("select", { id: "mix" }, ...choices.map(([source, period], i) =>
      make("option", { value: i }, `${names[source]}, ${periodName(period)}`)));
    const tables = make("div", { class: "columns" });
    const fill = () => {
      const [source, period] = choices[Number(select.value)];
      const found = facts.profiles[source][period];
      tables.replaceChildren(...Object.keys(data.characteristics).filter((name) => found[name])
        .map((name) => profile(data.characteristics[name], found[name])));
    };
    select.addEventListener("change", fill);
    fill();
    section.append(
      make("p", {}, "Share of the place’s records, and how it compares with the city: ×1 is the city’s share, "
        + `×2 twice that. Counts are of closed years, rounded at random to tens; hidden is not nought.`),
      make("p", { class: "controls row" }, make("label", { class: "field" }, "Records and period ", select)),
      tables,
      csvButton(`${place.scope}-${place.id}-mix.csv`, () => [
        ["scope", "place_id", "source", "period_id", "characteristic", "category", "n", "share", "location_quotient"],
        ...choices.flatMap(([source, period]) =>
          Object.entries(facts.profiles[source][period]).flatMap(([characteristic, cells]) =>
            cells.map((cell) => [place.scope, place.id, source, period, characteristic, ...cell])))]));
    return section;
  }

  const capital = (text) => text[0].toUpperCase() + text.slice(1);

  function profile(title, cells) {
    const shown = cells.filter((cell) => cell.length > 1);
    const hidden = cells.filter((cell) => cell.length === 1).map(([name]) => name);
    const most = Math.max(0, ...shown.map((cell) => cell[2]));
    const block = make("div", {});
    if (shown.length) {
      block.append(fillTable(make("table"), title, ["", "Count", "Share", "City"],
        shown.map(([name, n, share, quotient]) => [
          make("span", {}, capital(name), make("span", { class: "bar", style: `width:${(100 * share) / most}%` })),
          number(n), share ? percent(share) : "<0.1 %", `×${quotient.toFixed(2)}`]), [1, 2, 3]));
      block.querySelector("th").textContent = title;
      block.querySelector("caption").className = "hidden";
    } else {
      block.append(make("h3", {}, title));
    }
    if (hidden.length) {
      block.append(make("p", { class: "note" }, hidden[0].startsWith("(")
        ? "Too few records to show." : `Hidden, being fewer than ten or none: ${hidden.map(capital).join(", ")}.`));
    }
    return block;
  }

  function near(place, facts) {
    const section = make("section", {}, make("h2", {}, "Neighbours"),
      make("p", {}, facts.neighboursBy === "queen"
        ? "Places whose borders touch." : "The places whose centres are nearest; not all of them need touch."),
      make("ul", { class: "chips" }, ...facts.neighbours.map((id) =>
        make("li", {}, linkTo(known.get(`${place.scope}-${id}`))))));
    if (place.scope === "area") {
      const inside = [...known.values()].filter(
        (p) => p.scope === "district" && data.scopes.district.areas[p.i] === place.id);
      section.append(make("details", {}, make("summary", {}, `Its ${inside.length} districts`),
        make("ul", { class: "chips" }, ...inside.map((p) => make("li", {}, linkTo(p))))));
    }
    return section;
  }

  byId("find").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId("query").value;
    const place = find(text);
    if (place) location.hash = `${place.scope}-${place.id}`;
    else byId("find-note").textContent = `No area or district is called “${text}”.`;
  });
  window.addEventListener("hashchange", () => {
    if (location.hash === "#content") return;
    show();
    window.scrollTo(0, 0);
  });
  show();
}

if (window.vegaEmbed) drawCharts();
if (document.body.dataset.page === "index") startMap();
if (document.body.dataset.page === "place") startPlace();
