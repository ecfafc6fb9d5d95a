// The page of one place, written from the map's data and the file of its area.
"use strict";

const SOURCES = ["crimes", "arrests"];

const linkTo = (place) => make("a", { href: `#${place.scope}-${place.id}` }, nameOf(place));
const chips = (places) =>
  make("ul", { class: "chips" }, ...places.map((place) => make("li", {}, linkTo(place))));

/** The periods of a source in which a place was clustered, each with its run and the place's values. */
function runsOf(place, source) {
  return DATA.runs
    .filter((run) => run.isRun && run.scope === place.scope && run.source === source)
    .map((run) => [periodOf(run.period), run, valuesAt(run, place.i)]);
}

// --- What it is --------------------------------------------------------------------------------

/** A change of the logarithm as one in percent, with its sign. */
function signed(slope) {
  const change = 100 * (Math.exp(slope) - 1);
  return `${change < 0 ? "−" : "+"}${number(Math.abs(change), 1)} %`;
}

/** Count and tier over the main run's period, each as [name, text]. */
function countFacts(place, source) {
  const found = runsOf(place, source).find(([period]) => period.id === mainPeriod(place.scope));
  if (!found) return [];
  const [period, run, value] = found;
  return [
    [source === "crimes" ? "Recorded crimes" : "Arrests",
      `${countText(value.volume)}, ${period.name}`
      + (value.rate === null ? "" : ` (${rateText(value.rate)} per km²)`)],
    [source === "crimes" ? "Tier by crimes" : "Tier by arrests", tierText(value.tier)
      + (run.confidence && value.rank ? `; ${confidenceText(run, value)}` : "")],
  ];
}

function trajectoryText([name, years, slope, low, high]) {
  if (slope === null) return name;
  return `${name}; its share of the city changed by ${signed(slope)} a year`
    + ` (${signed(low)} to ${signed(high)}) over ${years} complete years`;
}

function typeFact([period, tier, label, quotients]) {
  return [`Type, ${periodOf(period)?.name ?? period}`,
    `volume ${tier}; a mix with more ${label.replace(", ", " and ")} than elsewhere`
    + (quotients ? `. Most above the city’s share: ${quotients}` : "")];
}

/** A rate with its interval beside the city's, its rank as an interval, and what it is divided by. */
function rateFact(rate) {
  const per = (value) => number(value, 1);
  const rank = rate.rankLow === rate.rankHigh ? `rank ${rate.rankLow}` : `rank ${rate.rankLow} to ${rate.rankHigh}`;
  return [`Crimes a year per 1,000 ${rate.title}`,
    `${per(rate.rate)} (${per(rate.low)} to ${per(rate.high)}), ${periodOf(rate.period)?.name ?? rate.period}; `
    + `the city ${per(rate.city)}; ${rank} of ${number(rate.places)}. About ${number(rate.base)} ${rate.title} in `
    + `${rate.year}, surely ${number(rate.baseLow)} to ${number(rate.baseHigh)}`
    + (rate.caution ? `. Caution: ${rate.caution}` : "")];
}

/** What a place is part of: a district of an area, an area of a bureau, and a layer's place of neither. */
function whereabouts(place) {
  const { areas, isLayer, noun } = DATA.scopes[place.scope];
  if (isLayer) return [["Kind", noun]];
  return place.scope === "district"
    ? [["Area", linkTo(PLACES.get(`area-${areas[place.i]}`))]]
    : [["Part of", DATA.bureaus[place.id]]];
}

/** All that is said of a place in a line each, as [name, text or link]. */
function factsOf(place, { groundSince, trajectory, robustness, typology, byDistrict, rates }) {
  const scope = DATA.scopes[place.scope];
  const facts = [
    ...whereabouts(place),
    ["Size", `${number(scope.km2[place.i], 2)} km²`],
    ...(groundSince ? [["Ground", `changed on ${groundSince}: what was recorded before is not to be compared with what `
      + "came after, and a tier over both is of neither"]] : []),
    ...SOURCES.flatMap((source) => countFacts(place, source)),
  ];
  facts.push(...(rates ?? []).map(rateFact));
  if (trajectory) facts.push(["Over the years", trajectoryText(trajectory)]);
  if (robustness) {
    const [tier, share, n] = robustness;
    facts.push(["Other choices", `${percent(share)} of ${number(n)} other defensible methods also say ${tier}`]);
  }
  for (const [source, share] of byDistrict ?? []) {
    facts.push(["Caution", `about ${percent(share)} of its ${NOUNS[source]} have no coordinates, and are counted here by `
      + "where others of their district lie"]);
  }
  return [...facts, ...typology.map(typeFact)];
}

function summarySection(place, ofPlace) {
  const facts = factsOf(place, ofPlace);
  return make("section", { class: "place-top" },
    make("div", {}, make("h2", {}, titleOf(place)),
      make("dl", {}, ...facts.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)])),
      make("p", { class: "note" }, "The address of this page opens this place again.")),
    locator(place, ofPlace.neighbours));
}

/** A small map of where a place and its neighbours lie. */
function locator(place, neighbours) {
  const { paths } = DATA.scopes[place.scope];
  const shape = (d, kind) => makeSvg("path", { d, "fill-rule": "evenodd", ...kind });
  return makeSvg("svg", {
    class: "locator", viewBox: `-10 -10 ${DATA.width + 20} ${DATA.height + 20}`, role: "img",
    "aria-label": `Where ${nameOf(place)} lies in the city, with its neighbours`,
  },
  ...DATA.scopes.area.paths.map((d) => shape(d)),
  ...neighbours.map((id) => shape(paths[PLACES.get(`${place.scope}-${id}`).i], { class: "near" })),
  shape(paths[place.i], { class: "here" }));
}

// --- What changed lately -----------------------------------------------------------------------

function latelySection(place, lately) {
  const title = make("h2", {}, "Lately");
  const series = lately.crimes?.all;
  if (!series) return make("section", {}, title, make("p", { class: "note" }, DATA.scopes[place.scope].isLayer
    ? "Recent change is of areas and districts alone." : "The data in hand has no recent change."));
  return make("section", {}, title,
    make("p", {}, `All recorded crimes. ${throughText()} `,
      make("a", { href: `lately.html#${place.scope}-${place.id}` }, "By group, arrests, and a page to print"), "."),
    changesTable("crimes", series, "Recent change of recorded crimes"),
    ...monthsBlock("crimes", series, "Recorded crimes"));
}

// --- Its years ---------------------------------------------------------------------------------

const [WIDTH, HEIGHT, FOOT] = [720, 220, 24]; // of the bars, in units of their picture

const yearLabel = (period) => period.name + (period.hasCases ? "*" : "");

/** The parts of a year's bar at x: its name, and its count with a bar or that it is too few. */
function yearBar([period, run, value], x, step, most) {
  const label = makeSvg("text", { x: x + step / 2, y: HEIGHT - 6 }, yearLabel(period));
  if (value.volume === null) {
    return [label, makeSvg("text", { x: x + step / 2, y: HEIGHT - FOOT - 4 }, `<${DATA.fewestShown}`)];
  }
  const tall = (value.volume / most) * (HEIGHT - FOOT - 24);
  const bar = makeSvg("rect", {
    x: x + step * 0.12, width: step * 0.76, y: HEIGHT - FOOT - tall, height: tall,
    fill: value.rank ? run.tiers[value.rank - 1].colour : NO_TIER, stroke: "#52606d",
    ...(period.isComplete ? {} : { "stroke-dasharray": "3 3" }),
  });
  return [label, bar, makeSvg("text", { x: x + step / 2, y: HEIGHT - FOOT - tall - 5 }, number(value.volume))];
}

function yearBars(place, years) {
  const step = WIDTH / Math.max(8, years.length);
  const most = Math.max(1, ...years.map(([, , value]) => value.volume ?? 0));
  const chart = scrollable("Recorded crimes by year, as bars", makeSvg("svg", {
    class: "history", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
    style: "min-width:560px",
    "aria-label": `Recorded crimes in ${nameOf(place)} by year; the values are in the table below`,
  }, ...years.flatMap((year, i) => yearBar(year, i * step, step, most))));
  // the newest years first, where a phone has no room for all
  requestAnimationFrame(() => { chart.scrollLeft = chart.scrollWidth; });
  return chart;
}

function yearsText(tiers, years) {
  return make("p", {}, "Bars have the colour of the tier of that year: ",
    ...tiers.flatMap((tier, i) => [
      make("span", { class: "whole" }, make("span", { class: "tier", style: `background:${tier.colour}` }),
        tier.name + (i < tiers.length - 1 ? "," : ".")), " "]),
    "A dashed bar is a year that is not complete. Tiers are relative to the other places of that year.",
    years.some(([period]) => period.hasCases)
      ? " * counts cases of another record system, NIBRS, in part or whole: do not compare it with reports." : "");
}

function yearsTable(years) {
  return scrollable("Recorded crimes by year", fillTable(make("table"), "Recorded crimes and tier by year",
    ["Year", "Crimes", "Tier", "Keeps tier"],
    years.map(([period, run, value]) => [
      yearLabel(period) + (period.isComplete ? "" : " (incomplete)"), countText(value.volume),
      value.tier ?? "none", run.confidence && value.confidence !== null ? percent(value.confidence) : "—"]),
    [1, 3]));
}

function yearsSection(place) {
  const title = make("h2", {}, "Recorded crimes by year");
  const years = runsOf(place, "crimes").filter(([period]) => period.isYear);
  if (years.every(([, , value]) => value.volume === null)) {
    return make("section", {}, title,
      make("p", { class: "note" }, "The data in hand has no year with enough crimes to show."));
  }
  return make("section", {}, title,
    yearsText(years[0][1].tiers, years),
    yearBars(place, years),
    make("details", {}, make("summary", {}, "The years as a table"), yearsTable(years)),
    csvButton(`${place.scope}-${place.id}-years.csv`, () => [
      ["scope", "place_id", "year", "is_complete", "crimes", "tier"],
      ...years.map(([period, , value]) =>
        [place.scope, place.id, period.id, period.isComplete, value.volume, value.tier])]));
}

function csvButton(name, rows) {
  const button = make("button", { type: "button" }, "Download the data (CSV)");
  button.addEventListener("click", () => saveCsv(name, rows()));
  return make("p", { class: "download" }, button);
}

// --- Its mix -----------------------------------------------------------------------------------

/** The sources and periods that a place has profiles of, as [source, period], newest first. */
function profileChoices(profiles) {
  return Object.entries(profiles).reverse().flatMap(([source, periods]) =>
    Object.keys(periods).sort().reverse().map((period) => [source, period]));
}

function mixSection(place, profiles) {
  const title = make("h2", {}, "What it consists of");
  const choices = profileChoices(profiles);
  if (!choices.length) {
    return make("section", {}, title,
      make("p", { class: "note" }, DATA.scopes[place.scope].isLayer
        ? "Profiles are of areas and districts alone: those of other places could be set beside them, to single out a few streets."
        : "The data in hand has no profile of this place."));
  }
  const tables = make("div", { class: "columns" });
  return make("section", {}, title,
    make("p", {}, "Share of the place’s records, and how it compares with the city: ×1 is the city’s share, "
      + "×2 twice that. Counts are of closed years, rounded at random to tens; hidden is not nought."),
    make("p", { class: "controls row" },
      make("label", { class: "field" }, "Records and period ", profileSelect(choices, profiles, tables))),
    tables,
    csvButton(`${place.scope}-${place.id}-mix.csv`, () => mixRows(place, choices, profiles)));
}

/** A list to choose a source and a period from, which fills `tables` with what is chosen. */
function profileSelect(choices, profiles, tables) {
  const names = { crimes: "Crimes", arrests: "Arrests (enforcement)" };
  const select = make("select", { id: "mix" }, ...choices.map(([source, period], i) =>
    make("option", { value: i }, `${names[source]}, ${periodOf(period)?.name ?? period}`)));
  const fillTables = () => {
    const [source, period] = choices[Number(select.value)];
    const found = profiles[source][period];
    tables.replaceChildren(...Object.keys(DATA.characteristics).filter((name) => found[name])
      .map((name) => profileTable(DATA.characteristics[name], found[name])));
  };
  select.addEventListener("change", fillTables);
  fillTables();
  return select;
}

function mixRows(place, choices, profiles) {
  return [
    ["scope", "place_id", "source", "period_id", "characteristic", "category", "n", "share", "location_quotient"],
    ...choices.flatMap(([source, period]) =>
      Object.entries(profiles[source][period]).flatMap(([characteristic, cells]) =>
        cells.map((cell) => [place.scope, place.id, source, period, characteristic, ...cell])))];
}

/** A characteristic's categories; a hidden one has its name alone. */
function profileTable(title, cells) {
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

// --- Its neighbours ----------------------------------------------------------------------------

function neighboursSection(place, { neighbours, neighboursBy }) {
  const section = make("section", {}, make("h2", {}, "Neighbours"),
    make("p", {}, neighboursBy !== "6 nearest"
      ? "Places whose borders touch." : "The places whose centres are nearest; not all of them need touch."),
    chips(neighbours.map((id) => PLACES.get(`${place.scope}-${id}`))));
  if (place.scope === "area" && DATA.scopes.district) {
    const inside = [...PLACES.values()].filter(
      (p) => p.scope === "district" && DATA.scopes.district.areas[p.i] === place.id);
    const what = DATA.scopes.district.title.toLowerCase();
    section.append(make("details", {}, make("summary", {}, `Its ${inside.length} ${what}`), chips(inside)));
  }
  return section;
}

// --- The page ----------------------------------------------------------------------------------

function chooseArea() {
  return make("section", {}, make("h2", {}, `${DATA.scopes.area.title} to choose from`),
    chips(DATA.scopes.area.ids.map((id) => PLACES.get(`area-${id}`))));
}

/** Show the place of the page's address, or all areas to choose from. */
async function showPlace() {
  const key = keyInAddress();
  const place = key && PLACES.get(key);
  byId("find-note").textContent = key && !place
    ? `There is no place ${key} on the department’s map.` : "";
  if (!place) {
    byId("place").replaceChildren(chooseArea());
    return;
  }
  const file = fileOf(place);
  const facts = (await loadScript(`assets/places/${file}.js`, globalOf("laCrimePlaces", file)))[key];
  const lately = await recentOf(key, file);
  document.title = `${nameOf(place)} · ${document.body.dataset.title}`;
  byId("place").replaceChildren(summarySection(place, facts), latelySection(place, lately), yearsSection(place),
    mixSection(place, facts.profiles), neighboursSection(place, facts));
  byId("place").dataset.place = key;
}

startFinding(showPlace);
