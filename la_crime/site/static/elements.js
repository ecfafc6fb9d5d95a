// Elements, tables, numbers and CSV files, for the pages that draw themselves from data.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

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

/** Let the browser save rows of values as a CSV file. */
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
