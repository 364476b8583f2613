// All runs in a scatter plot of two measures, with the Pareto front and those of the chosen mixture.

import { s } from "../shared/dom.js";
import { fixed } from "../shared/numbers.js";
import { plot, through } from "../shared/plot.js";
import { frontOf, MEASURES, nearest, pointOf } from "./mixtures.js";
import { list } from "./words.js";

const WIDTH = 340;
const HEIGHT = 352; // so that the frame is a square
const MARKS = [0, 0.25, 0.5, 0.75, 1].map((value) => [value, String(value)]);

// The drawing. A click chooses the mixture of the run nearest to it.
export function scatter({ runs, untrained, now, axes, onchoose }) {
  const [x, y] = axes.map((name) => MEASURES[name].text);
  const axis = (label) => ({ min: 0, max: 1, label, marks: MARKS });
  const { svg, X, Y, describe } = plot({
    width: WIDTH,
    height: HEIGHT,
    x: axis(`${x} →`),
    y: axis(`↑ ${y}`),
  });
  const place = (run) => {
    const [a, b] = pointOf(run, axes);
    return [X(a), Y(b)];
  };
  const front = frontOf(runs, axes);
  svg.classList.add("x-weights-plot");
  if (axes.includes("coast") && axes.includes("hills"))
    svg.append(s("path", { class: "x-weights-limit", d: `M${X(0)} ${Y(1)}L${X(1)} ${Y(0)}` }));
  svg.append(
    s("path", { class: "x-weights-front", d: through(front.map(place)) }),
    ...runs.map((run) => (front.includes(run) ? square : dot)(place(run))),
    cross(place(untrained.runs[0])),
    s("path", { class: "x-weights-tie", d: through(now.runs.map(place)) }),
    ...now.runs.map((run) => ring(place(run))),
  );
  const places = now.runs.map((run) => {
    const [across, up] = pointOf(run, axes);
    return `${fixed(across)} across and ${fixed(up)} up`;
  });
  describe(
    `A point for each of ${runs.length} runs, ${y} against ${x}; ${front.length} are on the ` +
      `Pareto front. Chosen: ${list(places)}.`,
  );
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const clicked = [
      ((event.clientX - box.left) * WIDTH) / box.width,
      ((event.clientY - box.top) * HEIGHT) / box.height,
    ];
    onchoose(runs[nearest(runs.map(place), clicked)].mixture);
  });
  return svg;
}

function square([x, y]) {
  return s("rect", { class: "x-weights-best", x: x - 4.5, y: y - 4.5, width: 9, height: 9 });
}

function dot([cx, cy]) {
  return s("circle", { class: "x-weights-point", cx, cy, r: 4 });
}

function cross([x, y]) {
  return s("path", { class: "x-weights-cross", d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10` });
}

function ring([cx, cy]) {
  return s("circle", { class: "x-weights-chosen", cx, cy, r: 9 });
}
