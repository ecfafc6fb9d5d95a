// Places and how they are asked for: by the page's address, or by a name or number that is typed.
"use strict";

/** Each place by its key, `area-12` or `district-1385`: its scope, its id and its row in the data. */
const PLACES = new Map(Object.keys(DATA.scopes).flatMap((scope) =>
  DATA.scopes[scope].ids.map((id, i) => [`${scope}-${id}`, { scope, id, i }])));

const nameOf = (place) => DATA.scopes[place.scope].names[place.i];
/** The file that has a place: its area's, or its layer's. */
const fileOf = (place) => DATA.scopes[place.scope].files[place.i];
const titleOf = (place) => nameOf(place) + (place.scope === "district" ? "" : ` (${DATA.scopes[place.scope].noun})`);
/** Districts come before the rest: people know them by number. */
const isNumbered = (place) => Number(place.scope === "district");

/** The place of a typed text: its title first, then a name, then a number, then a name's beginning. */
function findPlace(text) {
  const typed = text.trim().toLowerCase();
  const wanted = typed.replace(/\s*\([^)]*\)$/, "").replace(/^(district|area)\s+/, "");
  const places = [...PLACES.values()].sort((a, b) => isNumbered(b) - isNumbered(a));
  return places.find((p) => titleOf(p).toLowerCase() === typed)
    ?? places.find((p) => nameOf(p).toLowerCase() === wanted)
    ?? places.find((p) => p.id === wanted.replace(/^0+/, ""))
    ?? (wanted && places.reverse().find((p) => nameOf(p).toLowerCase().startsWith(wanted)));
}

/** The key of the place that the page's address names, null if it names none. */
function keyInAddress() {
  if (location.hash.length > 1 && location.hash !== "#content") return decodeURIComponent(location.hash.slice(1));
  const query = new URLSearchParams(location.search);
  for (const scope of Object.keys(DATA.scopes)) if (query.has(scope)) return `${scope}-${query.get(scope)}`;
  return null;
}

/** The global that a file of places gives its value to. */
const globalOf = (prefix, file) => `${prefix}_${file.replace("-", "_")}`;

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
    else byId("find-note").textContent = `No place is called “${text}”.`;
  });
  window.addEventListener("hashchange", () => {
    if (location.hash === "#content") return;
    show();
    window.scrollTo(0, 0);
  });
  show();
}
