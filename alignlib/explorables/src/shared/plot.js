// A small chart as SVG. On a phone one unit is nearly one pixel, so the letters stay legible.

import { s } from "./dom.js";
import { fixed } from "./numbers.js";

const ROOM = { left: 44, right: 20, top: 26, bottom: 40 };

// Round numbers from min to max, about as many as asked for.
export function ticks(min, max, count = 5) {
  const rough = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const found = [];
  for (let index = Math.ceil(min / step - 1e-9); index * step <= max + 1e-9; index += 1)
    found.push(index * step);
  return found;
}

// A path through points.
export function through(points) {
  return points
    .map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`)
    .join("");
}

// An axis is { min, max, label, log, marks: [[value, text]] }. Returns the chart and where a value
// lies in it: X(value), Y(value). `describe(text)` says what it shows.
export function plot({ width = 340, height = 220, x, y }) {
  const X = scale(x, ROOM.left, width - ROOM.right);
  const Y = scale(y, height - ROOM.bottom, ROOM.top);
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "x-plot" });
  const [left, right, bottom, top] = [X(x.min), X(x.max), Y(y.min), Y(y.max)];
  for (const [value, text] of y.marks ?? marks(y)) {
    svg.append(
      s("line", { x1: left, x2: right, y1: Y(value), y2: Y(value), class: "x-plot-grid" }),
      s("text", { x: left - 5, y: Y(value) + 4.5, "text-anchor": "end" }, text),
    );
  }
  for (const [value, text] of x.marks ?? marks(x)) {
    svg.append(
      s("line", { x1: X(value), x2: X(value), y1: bottom, y2: bottom + 4, class: "x-plot-tick" }),
      s("text", { x: X(value), y: bottom + 18, "text-anchor": "middle" }, text),
    );
  }
  svg.append(
    s("path", { d: `M${left} ${top}V${bottom}H${right}`, class: "x-plot-frame" }),
    s("text", { x: right, y: height - 4, "text-anchor": "end" }, x.label),
    s("text", { x: 2, y: 14 }, y.label),
  );
  return { svg, X, Y, describe: (text) => svg.setAttribute("aria-label", text) };
}

function scale({ min, max, log }, from, to) {
  const position = log ? Math.log : (value) => value;
  const [first, last] = [position(min), position(max)];
  return (value) => from + ((position(value) - first) / (last - first)) * (to - from);
}

function marks({ min, max }) {
  const values = ticks(min, max);
  const digits = Math.max(0, Math.ceil(-Math.log10(values[1] - values[0]) - 1e-9));
  return values.map((value) => [value, fixed(value, digits)]);
}
