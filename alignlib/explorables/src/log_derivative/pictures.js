// The three pictures: slopes, areas, and the average of what was drawn.

import { s } from "../shared/dom.js";
import { fixed, signed } from "../shared/numbers.js";
import { plot, through } from "../shared/plot.js";
import { bounds, trick } from "./trick.js";
import { marks, separated, WORDS } from "./words.js";

export const RANGE = [-3, 3];
const COLOURS = ["orange", "blue", "green"];
const LETTER = 8; // pixels
const DASHES = ["", "7 4", "2 3"];

// Each p over theta, with its tangent where theta is: the slope is grad p.
export function slopes(state, data) {
  const { svg, X, Y, describe } = plot({
    height: 230,
    x: { min: RANGE[0], max: RANGE[1], label: "θ" },
    y: {
      min: 0,
      max: 1.2, // room for the key
      label: "probability p(x), and its slope ∇p(x)",
      marks: [0, 0.5, 1].map((p) => [p, p]),
    },
  });
  const thetas = Array.from({ length: 61 }, (_, i) => RANGE[0] + (i * (RANGE[1] - RANGE[0])) / 60);
  svg.append(line(X(state.theta), Y(0), X(state.theta), Y(1), { class: "x-ld-theta" }));
  state.p.forEach((p, x) => {
    const curve = thetas.map((theta) => [X(theta), Y(trick(theta, data).p[x])]);
    const stroke = `var(--x-${COLOURS[x]})`;
    const reach = 0.7 / Math.hypot(1, 3 * state.gradP[x]);
    const end = (side) => {
      const theta = Math.min(Math.max(state.theta + side * reach, RANGE[0]), RANGE[1]);
      return [X(theta), Y(p + (theta - state.theta) * state.gradP[x])];
    };
    svg.append(
      s("path", { d: through(curve), stroke, "stroke-dasharray": DASHES[x], class: "x-ld-curve" }),
      line(...end(-1), ...end(1), { class: "x-ld-tangent" }),
      s("circle", { cx: X(state.theta), cy: Y(p), r: 4.5, fill: stroke, class: "x-ld-point" }),
    );
  });
  svg.append(...keys(data.outcomes, X(0)));
  describe(
    `Probabilities over theta. At theta = ${fixed(state.theta, 1)}: ` +
      data.outcomes
        .map((name, x) => `${name} ${fixed(state.p[x])}, slope ${signed(state.gradP[x])}`)
        .join("; "),
  );
  return svg;
}

// One column for each outcome: as wide as its p, as high as its score times its weight, so of the
// area weight * grad p.
export function areas(state, data, weight, darts) {
  const heights = state.weightedScore;
  const reached = bounds((theta) => trick(theta, data).weightedScore, ...RANGE);
  const [min, max] = reached.map((bound) => 1.25 * bound); // room for the names
  const { svg, X, Y, describe } = plot({
    height: 250,
    x: { min: 0, max: 1, label: "width: p(x)" },
    y: { min, max, label: `height: ${WORDS[weight].height}` },
  });
  let from = 0;
  heights.forEach((height, x) => {
    const [left, right] = [X(from), X(from + state.p[x])];
    const [top, bottom] = [Y(Math.max(height, 0)), Y(Math.min(height, 0))];
    const colour = `var(--x-${COLOURS[x]})`;
    svg.append(
      s("rect", {
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
        fill: colour,
        stroke: colour,
        class: "x-ld-area",
      }),
    );
    const y = height < 0 ? bottom + 15 : top - 6;
    const name = data.outcomes[x];
    if (right - left > LETTER * name.length)
      svg.append(s("text", { x: (left + right) / 2, y, "text-anchor": "middle" }, name));
    from += state.p[x];
  });
  svg.append(
    line(X(0), Y(0), X(1), Y(0), { class: "x-plot-frame" }),
    ...darts.map((u) => line(X(u), Y(min) - 9, X(u), Y(min), { class: "x-ld-dart" })),
  );
  const areaOf = (x) => signed(state.weightedGradP[x]);
  describe(
    `Columns as wide as p and as high as ${weight === "R" ? "r grad log p" : "grad log p"}. Areas: ` +
      `${data.outcomes.map((name, x) => `${name} ${areaOf(x)}`).join(", ")}; together ` +
      `${signed(state.gradJ)}.`,
  );
  return svg;
}

// The average of the weighted score over the draws so far, and what it approaches.
export function average(state, draws, weight) {
  const { gradJ, deviation } = state;
  const furthest = Math.max(
    2.2 * deviation,
    ...draws.path.map(([, mean]) => Math.abs(mean - gradJ)),
  );
  const [min, max] = [gradJ - 1.05 * furthest, gradJ + 1.05 * furthest];
  const powers = marks(Math.max(1000, 10 * draws.n));
  const last = powers.at(-1)[0];
  const { svg, X, Y, describe } = plot({
    height: 230,
    x: {
      min: 1,
      max: last,
      log: true,
      label: "draws n",
      marks: powers,
    },
    y: { min, max, label: `average of ${WORDS[weight].height}` },
  });
  const ns = Array.from({ length: 41 }, (_, i) => last ** (i / 40));
  const edge = (side) => ns.map((n) => [X(n), Y(gradJ + (side * 2 * deviation) / Math.sqrt(n))]);
  svg.append(
    s("path", { d: `${through([...edge(1), ...edge(-1).reverse()])}Z`, class: "x-ld-funnel" }),
    line(X(1), Y(gradJ), X(last), Y(gradJ), { class: "x-ld-exact" }),
    s("path", { d: through(draws.path.map(([n, m]) => [X(n), Y(m)])), class: "x-ld-average" }),
  );
  if (draws.n) {
    const [n, mean] = draws.path.at(-1);
    svg.append(s("circle", { cx: X(n), cy: Y(mean), r: 4.5, class: "x-ld-latest" }));
  }
  describe(
    draws.n
      ? `After ${separated(draws.n)} draws the average is ${signed(draws.total / draws.n, 3)}; exact ${signed(gradJ, 3)}.`
      : `Nothing is drawn yet; the exact value is ${signed(gradJ, 3)}.`,
  );
  return svg;
}

function line(x1, y1, x2, y2, attributes) {
  return s("line", { x1, y1, x2, y2, ...attributes });
}

function keys(names, middle) {
  const step = 96;
  return names.flatMap((name, x) => {
    const left = middle + (x - (names.length - 1) / 2) * step - 36;
    const stroke = `var(--x-${COLOURS[x]})`;
    return [
      line(left, 38, left + 24, 38, { stroke, "stroke-dasharray": DASHES[x], class: "x-ld-curve" }),
      s("text", { x: left + 29, y: 42.5 }, name),
    ];
  });
}
