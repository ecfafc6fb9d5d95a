// Places and how they are asked for: by the page's address, or by a name or number that is typed.
"use strict";

/** Each place by its key, `area-12` or `district-1385`: its scope, its id and its row in the data. */
const PLACES = new Map(["district", "area"].flatMap((scope) =>
  DATA.scopes[scope].ids.map((id, i) => [`${scope}-${id}`, { scope, id, i }])));

const nameOf = (place) => DATA.scopes[place.scope].names[place.i];
const areaOf = (place) => DATA.scopes[place.scope].areas[place.i];
const titleOf = (place) => nameOf(place) + (place.scope === "area" ? " (area)" : "");

/** The place of a typed name or number: a whole name first, then a number, then a name's beginning. */
function findPlace(text) {
  const wanted = text.trim().toLowerCase().replace(/\s*\(area\)$/, "").replace(/^(district|area)\s+/, "");
  const places = [...PLACES.values()];
  return places.find((p) => nameOf(p).toLowerCase() === wanted)
    ?? places.find((p) => p.id === wanted.replace(/^0+/, ""))
    ?? (wanted && places.reverse().find((p) => nameOf(p).toLowerCase().startsWith(wanted)));
}

/** The key of the place that the page's address names, null if it names none. */
function keyInAddress() {
  if (location.hash.length > 1 && location.hash !== "#content") return decodeURIComponent(location.hash.slice(1));
  const query = new URLSearchParams(location.search);
  for (const scope of ["area", "district"]) if (query.has(scope)) return `${scope}-${query.get(scope)}`;
  return null;
}

/** A file of the assets that gives its value to the global `name`: a page from a file may not fetch. */
function loadScript(src, name) {
  if (window[name]) return Promise.resolve(window[name]);
  return new Promise((resolve, reject) => {
    const script = make("script", { src });
    script.onload = () => resolve(window[name]);
    script.onerror = () => reject(new Error(`${src} is missing`));
    document.head.append(script);
  });
}

/** Let a form ask for a place; `show` is called whenever the page's address names another. */
function startFinding(show) {
  byId("places").append(...[...PLACES.values()].map((place) => make("option", { value: titleOf(place) })));
  byId("find").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId("query").value;
    const place = findPlace(text);
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
