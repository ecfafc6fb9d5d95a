// What a clustering run says of a place, in values and in words; `map-data.js` has the runs.
"use strict";

const DATA = window.laCrimeMap;
const NO_TIER = "#d9d9d9";
const NOUNS = { crimes: "recorded crimes", arrests: "arrests" };

const capital = (text) => text[0].toUpperCase() + text.slice(1);
const periodOf = (id) => DATA.periods.find((period) => period.id === id);

const runOf = (scope, source, period) =>
  DATA.runs.find((run) => run.scope === scope && run.source === source && run.period === period);

/** The period of a scope's main run, the longest that it was clustered over. */
const mainPeriod = (scope) => DATA.runs.find((run) => run.isMain && run.scope === scope)?.period;

/** By denominator: incidents a year for every thousand of it at `i`, with interval and caution; null if not shown. */
const perThousandAt = (run, i) => Object.fromEntries(Object.entries(run.rates ?? {}).map(
  ([denominator, { rate, low, high, cautions }]) => [denominator,
    rate[i] === null ? null : { rate: rate[i], low: low[i], high: high[i], caution: cautions[i] ?? null }]));

/** The place at `i` of a run's scope: volume and rate are null where they are too few to show. */
function valuesAt(run, i) {
  const places = DATA.scopes[run.scope];
  const volume = run.volume[i];
  const rank = run.rank[i];
  return {
    id: places.ids[i],
    name: places.names[i],
    volume,
    rate: volume === null ? null : volume / places.km2[i],
    perThousand: perThousandAt(run, i),
    rank,
    tier: rank ? run.tiers[rank - 1].name : null,
    confidence: run.confidence ? run.confidence[i] : null,
    isBorderline: Boolean(run.isBorderline && run.isBorderline[i]),
  };
}

const countText = (volume) =>
  volume === null ? `fewer than ${DATA.fewestShown}` : number(volume);
const rateText = (rate) => (rate === null ? "not shown" : number(rate, 1));
const perThousandText = (per) =>
  per ? `${number(per.rate, 1)} (${number(per.low, 1)} to ${number(per.high, 1)})` : "not shown";
const tierText = (tier) => tier ?? "none: too few for a tier";

function confidenceText(run, value) {
  if (!run.confidence) return "not measured for this choice";
  if (value.confidence === null) return "none";
  return `${percent(value.confidence)} of other years keep it${value.isBorderline ? " (borderline)" : ""}`;
}
