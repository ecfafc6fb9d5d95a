// The page of recent change: a place and a group that are chosen, and all its groups at a glance.
"use strict";

const BRIEF = ["28_days_last_year", "year_to_date_last_year", "12_months_before"];
const WHOLE_CITY = "The whole city";
const chosen = { source: "crimes", category: "all" };

const categoryName = (source, category) =>
  RECENT.sources[source].categories.find(([id]) => id === category)?.[1] ?? category;

// --- One group ---------------------------------------------------------------------------------

function groupBlock(lately, name) {
  const { source, category } = chosen;
  const series = lately[source][category];
  const title = categoryName(source, category);
  return [
    make("h3", {}, title),
    changesTable(source, series, `Recent change: ${title}, ${name}`),
    ...(series.months.length ? monthsBlock(source, series, `${title}, ${name}`)
      : [make("p", { class: "note" },
        "Districts have too few incidents of single kinds for a month to be expected; all incidents have a chart.")]),
  ];
}

function chooser(label, options, value, change) {
  const select = make("select", {}, ...options.map(([id, name]) => make("option", { value: id }, name)));
  select.value = value;
  select.addEventListener("change", () => change(select.value));
  return make("label", { class: "field" }, label, select);
}

// --- All groups --------------------------------------------------------------------------------

/** Counts of both sides and the verdict, in a cell. */
function briefCell(series, position) {
  const change = series.changes.find(([at]) => at === position);
  if (!change) return "—";
  const [, n, base, ratio, , , verdict] = change;
  const said = ratio === null || verdict > FEWER ? RECENT.changes[verdict] : `${RECENT.changes[verdict]}, ${signedPercent(ratio)}`;
  return make("span", { class: verdict <= FEWER ? "said" : "unsaid" },
    `${number(n)} / ${number(base, Number.isInteger(base) ? 0 : 1)} `, make("span", { class: "words" }, said));
}

function groupsTable(lately, source, name) {
  const { comparisons, categories } = RECENT.sources[source];
  const shown = comparisons.map((comparison, i) => [i, ...comparison]).filter(([, id]) => BRIEF.includes(id));
  const caption = `Each group of ${NOUNS[source]}, ${name}: lately / before`;
  const table = fillTable(make("table"), caption,
    ["", ...shown.map(([, , newer, older]) => `${capital(newer)} / ${older}`)],
    categories.filter(([id]) => lately[source]?.[id]).map(([id, label]) =>
      [label, ...shown.map(([i]) => briefCell(lately[source][id], i))]), []);
  table.className = "groups";
  return scrollable(caption, table);
}

// --- The page ----------------------------------------------------------------------------------

/** Draw a place's recent change: `name` as its title, `lately` as of `recentOf`. */
function drawPlace(name, lately) {
  const sources = Object.keys(lately).sort().reverse();
  if (!sources.length) {
    byId("lately").replaceChildren(make("h2", {}, name),
      make("p", { class: "note" }, "The data in hand has no recent change of this place."));
    return;
  }
  if (!lately[chosen.source]) chosen.source = sources[0];
  if (!lately[chosen.source][chosen.category]) chosen.category = "all";
  const again = (changed) => {
    Object.assign(chosen, changed);
    drawPlace(name, lately);
  };
  const { categories } = RECENT.sources[chosen.source];
  const print = make("button", { type: "button" }, "Print this as a page");
  print.addEventListener("click", () => window.print());
  byId("lately").replaceChildren(
    make("section", {},
      make("h2", {}, name),
      make("p", {}, throughText(), " Windows of days end on a Saturday, longer ones with a month. "
        + "Part I is without rape and arson, which are counted in groups with other offences."),
      make("p", { class: "controls row" },
        chooser("Records", sources.map((source) => [source, source === "crimes" ? "Recorded crimes" : "Arrests (enforcement)"]),
          chosen.source, (source) => again({ source })),
        chooser("Group", categories.filter(([id]) => lately[chosen.source][id]), chosen.category,
          (category) => again({ category })),
        print),
      ...(name === WHOLE_CITY ? [] : [make("p", { class: "to-city" }, make("a", { href: "#city" }, WHOLE_CITY))]),
      ...groupBlock(lately, name)),
    make("section", {},
      make("h2", {}, "All groups"),
      make("p", {}, "“More” and “fewer” are beyond what counts vary by themselves, with the number of places and groups "
        + "that are looked at taken into account. A change says nothing of its cause."),
      groupsTable(lately, chosen.source, name)));
}

async function showLately() {
  const key = keyInAddress() ?? "city";
  const place = PLACES.get(key);
  byId("find-note").textContent = place || key === "city" ? "" : `There is no place ${key} on the department’s map.`;
  const name = place ? titleOf(place) : WHOLE_CITY;
  drawPlace(name, await recentOf(place ? key : "city", place && fileOf(place)));
  document.title = `Lately, ${name} · ${document.body.dataset.title}`;
  byId("lately").dataset.place = place ? key : "city";
}

startFinding(showLately);
