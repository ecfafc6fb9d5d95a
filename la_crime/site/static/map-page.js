// The page of the map: what is chosen, the map's colours, and the same values in words and as a table.
"use strict";

const CLASSES = ["#edf8b1", "#a1dab4", "#41b6c4", "#225ea8", "#0c2c84"];
const STRIPED = "repeating-linear-gradient(45deg,#1d91c0 0 4px,#fff 4px 6px)";
const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const PHONE = window.matchMedia("(max-width: 760px)"); // as in site.css

// --- What is chosen ----------------------------------------------------------------------------

const ALLOWED = {
  scope: Object.keys(DATA.scopes),
  source: ["crimes", "arrests"],
  measure: ["tier", "count", "rate", ...DATA.denominators.map(({ id }) => `per-${id}`)],
  period: DATA.periods.map((period) => period.id),
  zoom: ["city", ...DATA.scopes.area.ids],
};

/** The choice that the page's address names; the main run's period unless it names another. */
function choiceInAddress() {
  const choice = { scope: "area", source: "crimes", measure: "tier", period: null, zoom: "city" };
  for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
    if (ALLOWED[key]?.includes(value)) choice[key] = value;
  }
  choice.period ??= mainPeriod(choice.scope);
  return choice;
}

/** Fill the list of periods with those that a scope and a source have runs of; return its choice. */
function fillPeriods(select, { scope, source, period: wanted }) {
  const runs = DATA.periods
    .map((period) => [period, runOf(scope, source, period.id)])
    .filter(([, run]) => run);
  select.replaceChildren(...runs.map(([period, run]) => {
    const remark = !run.isRun ? " (too few records)" : period.isComplete ? "" : " (incomplete)";
    const option = make("option", { value: period.id }, period.name + remark);
    option.disabled = !run.isRun;
    return option;
  }));
  const usable = runs.filter(([, run]) => run.isRun).map(([period]) => period.id);
  return usable.includes(wanted) ? wanted : usable[0] ?? null;
}

/** A button for the places of each scope; areas are chosen. */
function fillScopes(fieldset) {
  fieldset.append(...Object.entries(DATA.scopes).map(([scope, { title }]) => make("label", {},
    make("input", { type: "radio", name: "scope", value: scope, ...(scope === "area" ? { checked: "" } : {}) }),
    ` ${title}`)));
}

/** What a measure is per thousand of; null for the others. */
const denominatorOf = (measure) => DATA.denominators.find(({ id }) => measure === `per-${id}`) ?? null;

function fillMeasures(fieldset) {
  fieldset.append(...DATA.denominators.map(({ id, title }) => make("label", {},
    make("input", { type: "radio", name: "measure", value: `per-${id}` }), ` Per 1,000 ${title}`)));
}

/** Let those measures be chosen that a run has; the wanted one, or else tiers, is what is shown. */
function allowMeasures(inputs, run, wanted) {
  const has = (measure) => !denominatorOf(measure) || Boolean(run?.rates?.[denominatorOf(measure).id]);
  for (const input of inputs) input.disabled = !has(input.value);
  return has(wanted) ? wanted : "tier";
}

function fillZoom(select) {
  const { ids, names } = DATA.scopes.area;
  select.replaceChildren(make("option", { value: "city" }, "the whole city"),
    ...ids
      .map((id, i) => make("option", { value: id }, names[i]))
      .sort((a, b) => a.textContent.localeCompare(b.textContent)));
}

// --- Colours and their legend ------------------------------------------------------------------

/** Bounds of five classes with about as many places in each, at two digits that count. */
function classBounds(values) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const round = (value) => Number(value.toPrecision(2));
  const cuts = [1, 2, 3, 4].map((i) => round(sorted[Math.floor((i * sorted.length) / 5)]));
  return [...new Set(cuts)];
}

/** What each place is coloured by: no rate by a denominator that is a bad one for the place. */
function measured(measure, values) {
  const denominator = denominatorOf(measure)?.id;
  const ofPlace = (v) => {
    if (!denominator) return measure === "rate" ? v.rate : v.volume;
    const per = v.perThousand[denominator];
    return per && !per.caution ? per.rate : null;
  };
  return values.map(ofPlace);
}

const tierFill = (tiers, { rank, isBorderline }) =>
  !rank ? NO_TIER : isBorderline ? `url(#hatch-${rank})` : tiers[rank - 1].colour;

/** The fill of each place by what is measured. */
function fillsOf(measure, tiers, values) {
  if (measure === "tier") return values.map((value) => tierFill(tiers, value));
  const numbers = measured(measure, values);
  const cuts = classBounds(numbers);
  return numbers.map((n) => (n === null ? NO_TIER : CLASSES[cuts.filter((cut) => n >= cut).length]));
}

const legendEntry = (style, text) =>
  make("li", {}, make("span", { class: "swatch", style: `background:${style}` }), text);

function tierEntry(tier, volumes) {
  const known = volumes.filter((volume) => volume !== null);
  const span = `${number(Math.min(...known))} to ${number(Math.max(...known))}`;
  const places = `${number(volumes.length)} ${volumes.length === 1 ? "place" : "places"}`;
  return legendEntry(tier.colour, `${tier.name}: ${span} · ${places}`);
}

function tierLegend(tiers, values) {
  const entries = tiers
    .map((tier, i) => [tier, values.filter((v) => v.rank === i + 1).map((v) => v.volume)])
    .filter(([, volumes]) => volumes.length)
    .map(([tier, volumes]) => tierEntry(tier, volumes));
  if (values.some((v) => v.isBorderline)) {
    entries.push(legendEntry(STRIPED, "striped: borderline, a recount could move it"));
  }
  if (values.some((v) => !v.rank)) entries.push(legendEntry(NO_TIER, "no tier: too few records"));
  return entries;
}

function classLegend(measure, values) {
  const numbers = measured(measure, values);
  const cuts = classBounds(numbers);
  const digits = measure === "count" ? 0 : 1;
  const text = (value) => number(value, value % 1 ? digits : 0);
  const entries = [...cuts, null].map((cut, i) => {
    const from = i ? text(cuts[i - 1]) : null;
    const label = from === null ? `under ${text(cut)}` : cut === null ? `${from} and more` : `${from} to ${text(cut)}`;
    return legendEntry(CLASSES[i], label);
  });
  if (numbers.includes(null)) {
    const bad = denominatorOf(measure) ? `, or ${denominatorOf(measure).title} are a bad measure of who is there` : "";
    entries.push(legendEntry(NO_TIER, `fewer than ${DATA.fewestShown}, not shown${bad}`));
  }
  return entries;
}

function showLegend({ measure, source, period }, tiers, values) {
  const title = {
    tier: `Tier by ${NOUNS[source]}`,
    count: capital(NOUNS[source]),
    rate: `${capital(NOUNS[source])} per km²`,
  }[measure] ?? `${capital(NOUNS[source])} a year per 1,000 ${denominatorOf(measure).title}`;
  const entries = measure === "tier" ? tierLegend(tiers, values) : classLegend(measure, values);
  byId("legend").replaceChildren(
    make("h2", {}, `${title}, ${periodOf(period).name}`), make("ul", {}, ...entries));
}

// --- In words and numbers ----------------------------------------------------------------------

/** The places of the table, most records first; others than areas only if their count is shown. */
function listedPlaces(scope, values) {
  return values
    .filter((v) => scope === "area" || v.volume !== null)
    .sort((a, b) => (b.volume ?? -1) - (a.volume ?? -1));
}

function showTable({ scope, source, period, measure }, values) {
  const denominator = denominatorOf(measure);
  fillTable(byId("map-table"),
    `${DATA.scopes[scope].title} by ${NOUNS[source]}, ${periodOf(period).name}`
    + (scope !== "area" ? ` (without those with fewer than ${DATA.fewestShown})` : ""),
    ["Place", "Tier", "Count", denominator ? `A year per 1,000 ${denominator.title}` : "Per km²", "Keeps tier"],
    listedPlaces(scope, values).map((v) => [
      make("a", { href: `place.html#${scope}-${v.id}` }, v.name),
      v.tier ?? "none", countText(v.volume),
      denominator ? markedRate(v.perThousand[denominator.id]) : rateText(v.rate),
      v.confidence === null ? "—" : percent(v.confidence) + (v.isBorderline ? " *" : ""),
    ]), [2, 3, 4]);
}

const markedRate = (per) => perThousandText(per) + (per?.caution ? " !" : "");

function saveTable(run, values) {
  const denominators = Object.keys(run.rates ?? {});
  saveCsv(`${run.id}.csv`, [
    ["run_id", "scope", "place_id", "place_name", "tier", "volume", "per_km2", "p_tier", "is_borderline",
      ...denominators.flatMap((name) => ["", "_low", "_high", "_caution"].map((end) => `per_1000_${name}${end}`))],
    ...listedPlaces(run.scope, values).map((v) => [run.id, run.scope, v.id, v.name, v.tier, v.volume,
      v.rate === null ? null : v.rate.toFixed(1), v.confidence, run.confidence ? v.isBorderline : null,
      ...denominators.flatMap((name) => {
        const { rate, low, high, caution } = v.perThousand[name] ?? {};
        return [rate, low, high, caution].map((value) => value ?? null);
      })]),
  ]);
}

function showNoPlace() {
  byId("details").replaceChildren(make("h2", {}, "One place"),
    make("p", { class: "note" }, "Point at a place or tap it; or go to the map with Tab, and on with the arrow keys."));
}

function showPlace(run, value) {
  const facts = [
    ["Tier", tierText(value.tier)],
    [run.source === "crimes" ? "Recorded crimes" : "Arrests", countText(value.volume)],
    ["Per km²", rateText(value.rate)],
    ...Object.entries(value.perThousand).map(([id, per]) => [
      `A year per 1,000 ${denominatorOf(`per-${id}`).title}`,
      perThousandText(per) + (per?.caution ? `. Caution: ${per.caution}` : "")]),
    ["Tier’s confidence", confidenceText(run, value)],
  ];
  byId("details").replaceChildren(
    make("h2", {}, value.name),
    make("dl", {}, ...facts.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)])),
    make("a", { href: `place.html#${run.scope}-${value.id}` }, "More on this place"));
}

/** How the tiers were made, and what to beware of. */
function runNote(run) {
  const parts = [
    `K-means with ${run.tiers.length} tiers on recorded volume, ${number(run.rank.filter(Boolean).length)} places,`
    + ` mean silhouette ${run.silhouette.toFixed(2)}; run ${run.id}.`,
  ];
  if (run.source === "arrests") parts.push("Arrests measure enforcement, not crime.");
  if (run.caution) {
    parts.push(`Caution: ${run.caution}.`);
  } else if (!periodOf(run.period).isComplete) {
    parts.push("The period is not complete in this data.");
  }
  parts.push(run.confidence
    ? "Keeps tier: the share of simulated other years in which the place keeps its tier; * marks borderline places."
    : "How sure these tiers are was not measured; it is for the headline runs.");
  if (run.rates) {
    parts.push("A rate is of those who live or work in a place, not of those who are there; its interval is in brackets,"
      + " and ! marks a place of which it says little.");
  }
  return parts.join(" ");
}

// --- The page ----------------------------------------------------------------------------------

class MapPage {
  constructor() {
    this.form = byId("controls");
    this.map = new CityMap(byId("map"));
    this.run = null;
    this.values = []; // of the run's places, in the order of the data
  }

  choice() {
    return Object.fromEntries(new FormData(this.form));
  }

  /** Show a choice; its period gives way if the scope and the source have no run of it. */
  show(choice) {
    choice.period = fillPeriods(this.form.elements.period, choice);
    this.run = runOf(choice.scope, choice.source, choice.period);
    choice.measure = allowMeasures(this.form.elements.measure, this.run, choice.measure);
    for (const key of Object.keys(ALLOWED)) this.form.elements[key].value = choice[key];
    if (!this.run) {
      this.showNothing();
      return;
    }
    const { tiers } = this.run;
    this.map.draw(choice.scope);
    this.values = this.map.links.map((_, i) => valuesAt(this.run, i));
    this.map.zoom(choice.zoom, tiers);
    this.map.paint(choice.source, this.values, fillsOf(choice.measure, tiers, this.values));
    showLegend(choice, tiers, this.values);
    showTable(choice, this.values);
    showNoPlace();
    byId("run-note").textContent = runNote(this.run);
  }

  showNothing() {
    this.map.clear();
    for (const id of ["legend", "map-table", "details"]) byId(id).replaceChildren();
    byId("run-note").textContent = "The data in hand is too thin for tiers of this choice.";
  }

  showPlaceAt(i) {
    showPlace(this.run, this.values[i]);
    this.map.choose(i);
  }

  hearChoices() {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", () => {
      this.show(this.choice());
      history.replaceState(null, "", `#${new URLSearchParams(this.choice())}`);
    });
    window.addEventListener("hashchange", () => {
      if (location.hash !== "#content") this.show(choiceInAddress());
    });
    window.addEventListener("resize", () => this.run && this.map.zoom(this.choice().zoom, this.run.tiers));
    byId("download").addEventListener("click", () => saveTable(this.run, this.values));
  }

  /** On a phone the choices are folded, so that the map is seen; elsewhere they stand beside it. */
  foldChoices() {
    const fold = () => { byId("choices").open = !PHONE.matches; };
    PHONE.addEventListener("change", fold);
    fold();
  }

  /** The frame hears for the map: Chromium lets Tab stop at an SVG that listens. */
  hearMap(frame) {
    for (const kind of ["pointerover", "focusin"]) {
      frame.addEventListener(kind, (event) => {
        const i = this.map.indexOf(event.target);
        if (i !== null) this.showPlaceAt(i);
      });
    }
    frame.addEventListener("keydown", (event) => {
      const direction = DIRECTIONS[event.key];
      const from = this.map.indexOf(event.target);
      if (!direction || from === null) return;
      event.preventDefault();
      const to = this.map.neighbour(from, direction);
      if (to !== null) this.map.move(from, to);
    });
    this.hearTaps(frame);
  }

  /** A finger cannot point: its first tap chooses a place, and the second opens its page. */
  hearTaps(frame) {
    let isTouch = false;
    let chosen = null;
    frame.addEventListener("pointerdown", (event) => { isTouch = event.pointerType === "touch"; });
    frame.addEventListener("click", (event) => {
      const i = this.map.indexOf(event.target);
      if (i === null) return;
      if (isTouch && chosen !== i) event.preventDefault();
      chosen = i;
      isTouch = false;
      this.showPlaceAt(i);
    });
  }

  start() {
    fillScopes(byId("scopes"));
    fillMeasures(byId("measures"));
    fillZoom(this.form.elements.zoom);
    byId("map-note").textContent = "North is up. " + (DATA.areBoundaries
      ? "Outlines of areas and districts are the department’s, simplified."
      : "Outlines are approximate: each place is drawn as the points nearest to its centre.");
    this.hearChoices();
    this.hearMap(this.map.svg.parentElement);
    this.foldChoices();
    byId("map-page").hidden = false;
    this.show(choiceInAddress());
  }
}

new MapPage().start();
