// The map as a drawing: the places of one scope, their colours and names, and the way among them.
"use strict";

const MARGIN = 12;

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

class CityMap {
  constructor(svg) {
    this.svg = svg;
    this.clear();
  }

  clear() {
    this.svg.replaceChildren();
    this.scope = null; // the scope that is drawn
    this.links = []; // its places, in the order of the data
    this.centres = [];
    this.current = 0; // the place that Tab reaches
  }

  /** Draw the places of a scope, if they are not drawn yet. */
  draw(scope) {
    if (this.scope === scope) return;
    this.clear();
    this.scope = scope;
    const { ids, paths } = DATA.scopes[scope];
    this.centres = paths.map((path) => middle(bounds(path)));
    this.links = ids.map((id, i) => makeSvg("a", {
      href: `place.html#${scope}-${id}`, "data-id": id, "data-index": i, tabindex: -1,
    }, makeSvg("path", { d: paths[i], "fill-rule": "evenodd" })));
    const patterns = makeSvg("defs");
    this.svg.replaceChildren(patterns, makeSvg("g", { class: "places" }, ...this.links), ...this.overlay());
  }

  /** What lies over the places: areas' outlines over districts, their names over areas, over layers nothing. */
  overlay() {
    if (DATA.scopes[this.scope].isLayer) return [];
    if (this.scope === "district") {
      return DATA.scopes.area.paths.map((d) => makeSvg("path", { d, class: "outline" }));
    }
    return DATA.scopes.area.names.map((name, i) => {
      const [x, y] = this.centres[i];
      return makeSvg("text", { class: "area-name", x, y, "aria-hidden": true }, name);
    });
  }

  /** Show an area, or the whole city; what keeps its size on the screen is drawn anew. */
  zoom(area, tiers) {
    const { ids, paths } = DATA.scopes.area;
    const box = area === "city" ? [0, 0, DATA.width, DATA.height] : bounds(paths[ids.indexOf(area)]);
    const [width, height] = [box[2] - box[0], box[3] - box[1]];
    this.svg.setAttribute("viewBox",
      `${box[0] - MARGIN} ${box[1] - MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`);
    // how much of the map one pixel is
    const unit = Math.max(width / (this.svg.clientWidth || 600), height / (this.svg.clientHeight || 800));
    this.nameAreas(unit);
    this.hatch(unit, tiers);
  }

  /** Names of areas in a constant size on the screen, moved up or down where two would overlap; left out in a crowd. */
  nameAreas(unit) {
    const placed = [];
    this.svg.querySelectorAll(".area-name").forEach((text, i) => {
      text.style.fontSize = `${11 * unit}px`;
      text.style.strokeWidth = `${3 * unit}px`;
      const half = (text.textContent.length * 11 * unit * 0.55) / 2;
      const [x, y] = this.centres[i];
      const isFree = (at) => placed.every(([left, top, reach]) =>
        Math.abs(left - x) > reach + half || Math.abs(top - at) > 12 * unit);
      const at = [0, 12, -12, 24, -24].map((step) => y + step * unit).find(isFree);
      text.style.display = at === undefined ? "none" : "";
      if (at === undefined) return;
      text.setAttribute("y", at);
      placed.push([x, at, half]);
    });
  }

  /** Patterns for the borderline places of each tier, a constant width on the screen. */
  hatch(unit, tiers) {
    this.svg.querySelector("defs").replaceChildren(...tiers.map((tier, i) => {
      const size = 6 * unit;
      const stripe = i < tiers.length - 1 ? "#ffffff" : "#9aa5b1";
      return makeSvg("pattern", {
        id: `hatch-${i + 1}`, width: size, height: size, patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(45)",
      }, makeSvg("rect", { width: size, height: size, fill: tier.colour }),
      makeSvg("rect", { width: size * 0.3, height: size, fill: stripe }));
    }));
  }

  /** Give each place its fill, and its values to scripts and to readers of the screen. */
  paint(source, values, fills) {
    this.links.forEach((link, i) => {
      const value = values[i];
      link.firstChild.setAttribute("fill", fills[i]);
      link.setAttribute("tabindex", i === this.current ? 0 : -1);
      Object.assign(link.dataset, {
        tier: value.tier ?? "",
        volume: value.volume ?? "",
        rate: value.rate === null ? "" : value.rate.toFixed(1),
        confidence: value.confidence ?? "",
        borderline: value.isBorderline,
      });
      link.setAttribute("aria-label",
        `${value.name}: tier ${tierText(value.tier)}, ${countText(value.volume)} ${NOUNS[source]}, `
        + `${rateText(value.rate)} per square kilometre${value.isBorderline ? ", borderline" : ""}`);
    });
  }

  /** Mark one place. */
  choose(chosen) {
    this.links.forEach((link, i) => link.classList.toggle("chosen", i === chosen));
  }

  /** The place that an element of the map belongs to, null if to none. */
  indexOf(element) {
    const link = element.closest?.("a[data-index]");
    return link ? Number(link.dataset.index) : null;
  }

  /** The nearest place in a direction [x, y], null if there is none. */
  neighbour(from, [right, down]) {
    let best = null, least = Infinity;
    this.centres.forEach(([x, y], i) => {
      const [dx, dy] = [x - this.centres[from][0], y - this.centres[from][1]];
      const along = dx * right + dy * down;
      const across = Math.abs(dx * down) + Math.abs(dy * right);
      if (along > 0 && across <= 2 * along && along + 2 * across < least) {
        least = along + 2 * across;
        best = i;
      }
    });
    return best;
  }

  /** Move the focus from one place to another. */
  move(from, to) {
    this.links[from].setAttribute("tabindex", -1);
    this.links[to].setAttribute("tabindex", 0);
    this.current = to;
    this.links[to].focus();
  }
}
