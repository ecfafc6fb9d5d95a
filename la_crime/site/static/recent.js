// Recent change of a place: the table of windows, and months beside what was expected.
// `recent-data.js` has what all places share.
"use strict";

const RECENT = window.laCrimeRecent;
const MORE = 0, FEWER = 1, NOT_COMPARABLE = 4; // positions in RECENT.changes
const NOT_EXPECTED = 2; // position in RECENT.verdicts: those after it are unusual
const MONTH_NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September",
  "October", "November", "December"];

const monthName = (month) => `${MONTH_NAMES[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`;

/** What lately changed in a place: by source and category, nothing if there is nothing. */
async function recentOf(key, file) {
  if (key === "city") return RECENT.city;
  return (await loadScript(`assets/recent/${file}.js`, globalOf("laCrimeRecent", file)))[key] ?? {};
}

function throughText() {
  const { crimes, arrests } = RECENT.sources;
  const day = (source) => source?.through ?? "no day";
  return `Crimes are whole through ${day(crimes)}, arrests through ${day(arrests)}: `
    + "of later days too many are still to be reported.";
}

// --- Windows -----------------------------------------------------------------------------------

const signedPercent = (ratio) => {
  const change = Math.round(100 * (ratio - 1));
  return `${change < 0 ? "−" : change > 0 ? "+" : "±"}${Math.abs(change)} %`;
};

function verdictMark(verdict) {
  const name = RECENT.changes[verdict];
  return make("span", { class: `verdict ${name.replaceAll(" ", "-")}` }, name);
}

function changeText([, n, base, ratio, low, high]) {
  if (ratio === null) return "—";
  return `${signedPercent(ratio)} (${signedPercent(low)} to ${signedPercent(high)})`;
}

/** A row a comparison: both sides with their counts, the change, and what can be said. */
function changesTable(source, series, caption) {
  const { comparisons } = RECENT.sources[source];
  const table = fillTable(make("table"), caption,
    ["Lately", "Count", "Beside", "Count", "Change (95 % interval)", "What can be said"],
    series.changes.map((change) => {
      const [position, n, base, , , , verdict, why] = change;
      const [, newer, older] = comparisons[position];
      return [capital(newer), number(n), capital(older), number(base, Number.isInteger(base) ? 0 : 1),
        changeText(change), make("span", {}, verdictMark(verdict), why ? ` ${capital(why)}.` : "")];
    }), [1, 3]);
  table.className = "changes";
  return scrollable(caption, table);
}

// --- Months ------------------------------------------------------------------------------------

const BAND = { width: 720, height: 250, left: 46, right: 8, top: 14, foot: 24 };

/** Round steps of an axis from nought to `most`. */
function axisSteps(most) {
  const rough = Math.max(most, 1) / 4;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max([1, 2, 2.5, 5, 10].find((by) => by * unit >= rough) * unit, 1);
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

/** Stretches of months in a row for which something is expected, as [first, last]. */
function stretches(expected) {
  const found = [];
  expected.forEach((value, i) => {
    if (value === null) return;
    if (i && expected[i - 1] !== null) found.at(-1)[1] = i;
    else found.push([i, i]);
  });
  return found;
}

/** Counts by month as a line, over the band in which 95 in 100 were expected. */
function bandChart(source, series, label) {
  const { months, isWhole } = RECENT.sources[source];
  const [counts, expected, low, high, verdicts] = series.months;
  const { width, height, left, right, top, foot } = BAND;
  const steps = axisSteps(Math.max(...counts, ...high.map((value) => value ?? 0)) * 1.02);
  const most = Math.max(...counts, ...high.map((value) => value ?? 0), steps.at(-1), 1);
  const x = (i) => left + ((i + 0.5) * (width - left - right)) / months.length;
  const y = (n) => height - foot - (n / most) * (height - foot - top);
  const line = (values, first, last) =>
    values.slice(first, last + 1).map((n, i) => `${x(first + i).toFixed(1)},${y(n).toFixed(1)}`);
  const text = (attributes, words) => makeSvg("text", attributes, words);
  const whole = isWhole.lastIndexOf(true);
  return scrollable(label, makeSvg("svg", {
    class: "band", viewBox: `0 0 ${width} ${height}`, role: "img", style: "min-width:560px", "aria-label": label,
  },
  ...steps.flatMap((n) => [
    makeSvg("line", { class: "grid", x1: left, x2: width - right, y1: y(n), y2: y(n) }),
    text({ x: left - 6, y: y(n) + 4, class: "at-end" }, number(n)),
  ]),
  ...months.flatMap((month, i) => (Number(month.slice(5)) % 6 === 1
    ? [makeSvg("line", { class: "grid", x1: x(i), x2: x(i), y1: height - foot, y2: height - foot + 4 }),
      text({ x: x(i), y: height - 6 }, month.endsWith("01") ? month.slice(0, 4) : "July")] : [])),
  ...stretches(expected).flatMap(([first, last]) => [
    makeSvg("path", { class: "expected-band",
      d: `M${[...line(high, first, last), ...line(low, first, last).reverse()].join("L")}Z` }),
    makeSvg("path", { class: "expected", d: `M${line(expected, first, last).join("L")}` }),
  ]),
  makeSvg("path", { class: "count", d: `M${line(counts, 0, whole < 0 ? 0 : whole).join("L")}` }),
  ...counts.map((n, i) => makeSvg("circle", {
    cx: x(i), cy: y(n), r: verdicts[i] > NOT_EXPECTED ? 5 : 2.6,
    class: !isWhole[i] ? "not-whole" : verdicts[i] === NOT_EXPECTED ? "not-expected"
      : verdicts[i] > NOT_EXPECTED ? "unusual" : "as-expected",
  }, makeSvg("title", {}, monthText(source, series, i)))),
  ));
}

function monthText(source, series, i) {
  const { months, isWhole } = RECENT.sources[source];
  const [counts, expected, low, high, verdicts] = series.months.map((values) => values[i]);
  const name = `${monthName(months[i])}: ${number(counts)}`;
  if (!isWhole[i]) return `${name}, not whole`;
  if (expected === null) return `${name}, nothing to compare with`;
  return `${name}, ${number(expected, expected < 10 ? 1 : 0)} expected (${number(low)} to ${number(high)}): `
    + RECENT.verdicts[verdicts];
}

/** The months that are unusual, and those that cannot be compared, in sentences. */
function monthsText(source, series) {
  const { months, isWhole, systems } = RECENT.sources[source];
  const [, expected, , , verdicts] = series.months;
  const unusual = months.map((_, i) => i).filter((i) => verdicts[i] > NOT_EXPECTED);
  const named = (places) => places.map((i) => monthName(months[i])).join(", ");
  const unlike = months.map((_, i) => i).filter((i) => expected[i] === null && isWhole[i]);
  const short = months.map((_, i) => i).filter((i) => !isWhole[i]);
  return [
    unusual.length
      ? `Unusual: ${unusual.map((i) => monthText(source, series, i)).join("; ")}.`
      : "No month that can be compared is unusual.",
    unlike.length ? " Not comparable, for the twelve months before are not whole or not of one record system, or the "
      + `place’s ground changed: ${unlike.length > 3
        ? `${monthName(months[unlike[0]])} to ${monthName(months[unlike.at(-1)])}` : named(unlike)}.` : "",
    short.length ? ` Not whole: ${short.length > 3
      ? `${short.length} months from ${monthName(months[short[0]])} on` : named(short)}.` : "",
    systems.includes("both") || (systems.includes("nibrs") && systems.includes("legacy"))
      ? " Crimes since March 2024 are counted as cases of NIBRS, in part or whole, and before as reports." : "",
  ].join("");
}

function monthsTable(source, series) {
  const { months } = RECENT.sources[source];
  const [counts, expected, low, high, verdicts] = series.months;
  return fillTable(make("table"), "Months, the newest first", ["Month", "Count", "Expected", "95 % band", "Verdict"],
    months.map((month, i) => [monthName(month), number(counts[i]),
      expected[i] === null ? "—" : number(expected[i], expected[i] < 10 ? 1 : 0),
      expected[i] === null ? "—" : `${number(low[i])} to ${number(high[i])}`,
      RECENT.verdicts[verdicts[i]]]).reverse(), [1, 2]);
}

/** The chart with what there is to say of it, and its months as a table. */
function monthsBlock(source, series, name) {
  if (!series.months.length) return [];
  const label = `${name} by month, with the band in which 95 in 100 were expected`;
  return [
    make("p", { class: "key" },
      make("span", { class: "swatch expected-band" }), " expected, with its 95 % band; ",
      make("span", { class: "dot count" }), " counted; ",
      make("span", { class: "dot unusual" }), " unusual, corrected for how many places and groups are looked at; ",
      make("span", { class: "dot not-expected" }), " not comparable or not whole."),
    bandChart(source, series, label),
    make("p", { class: "note" }, monthsText(source, series)),
    make("details", {}, make("summary", {}, "The months as a table"),
      scrollable("Months as a table", monthsTable(source, series))),
  ];
}
