// Draws the charts of a page from the specifications that stand in it.
"use strict";

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
    const target = document.getElementById(script.dataset.chart);
    await window.vegaEmbed(target, JSON.parse(script.textContent), EMBED);
    // the text before the chart says what it shows; single marks would only be noise
    target.querySelector("svg").setAttribute("aria-hidden", "true");
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  }
}

drawCharts();
