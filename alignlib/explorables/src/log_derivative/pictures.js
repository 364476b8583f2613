// The three pictures: slopes, areas, and the average of what was drawn.

import { s } from "../shared/dom.js";
import { fixed, signed } from "../shared/numbers.js";
import { plot, through } from "../shared/plot.js";
import { bounds, trick } from "./trick.js";

export const RANGE = [-3, 3];
const COLOURS = ["orange", "blue", "green"];
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
    const end = (side) => [X(state.theta + side * reach), Y(p + side * reach * state.gradP[x])];
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

// One column for each outcome: as wide as its p, as high as its score, times its reward if
// weighted. Its area is p * grad log p = grad p, or r grad p.
export function areas(state, data, weighted, darts) {
  const heights = weighted ? state.weightedScore : state.score;
  const reached = bounds(
    (theta) => trick(theta, data)[weighted ? "weightedScore" : "score"],
    ...RANGE,
  );
  const [min, max] = reached.map((bound) => 1.25 * bound); // room for the names
  const { svg, X, Y, describe } = plot({
    height: 250,
    x: { min: 0, max: 1, label: "width: p(x)" },
    y: { min, max, label: `height: ${weighted ? "r(x) ∇ log p(x)" : "∇ log p(x)"}` },
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
    const middle = Math.min(Math.max((left + right) / 2, X(0) + 20), X(1) - 20);
    const at = { x: middle, y: height < 0 ? bottom + 15 : top - 6, "text-anchor": "middle" };
    svg.append(s("text", at, data.outcomes[x]));
    from += state.p[x];
  });
  svg.append(
    line(X(0), Y(0), X(1), Y(0), { class: "x-plot-frame" }),
    ...darts.map((u) => line(X(u), Y(min) - 9, X(u), Y(min), { class: "x-ld-dart" })),
  );
  const areaOf = (x) => signed(state.p[x] * heights[x]);
  describe(
    `Columns as wide as p and as high as ${weighted ? "r grad log p" : "grad log p"}. Areas: ` +
      `${data.outcomes.map((name, x) => `${name} ${areaOf(x)}`).join(", ")}; together ` +
      `${signed(weighted ? state.gradJ : state.sumGradP)}.`,
  );
  return svg;
}

// The average of r grad log p over the draws so far, and the exact gradient.
export function average(state, draws) {
  const { gradJ, deviation } = state;
  const furthest = Math.max(
    2.2 * deviation,
    ...draws.path.map(([, mean]) => Math.abs(mean - gradJ)),
  );
  const [min, max] = [gradJ - 1.05 * furthest, gradJ + 1.05 * furthest];
  const powers = [1, 10, 100, 1000, 10_000, 100_000].filter(
    (n) => n <= Math.max(1000, 10 * draws.n),
  );
  const { svg, X, Y, describe } = plot({
    height: 230,
    x: {
      min: 1,
      max: powers.at(-1),
      log: true,
      label: "draws n",
      marks: powers.map((n) => [n, n]),
    },
    y: { min, max, label: "average of r(x) ∇ log p(x)" },
  });
  const ns = Array.from({ length: 41 }, (_, i) => powers.at(-1) ** (i / 40));
  const edge = (side) => ns.map((n) => [X(n), Y(gradJ + (side * 2 * deviation) / Math.sqrt(n))]);
  svg.append(
    s("path", { d: `${through([...edge(1), ...edge(-1).reverse()])}Z`, class: "x-ld-funnel" }),
    line(X(1), Y(gradJ), X(powers.at(-1)), Y(gradJ), { class: "x-ld-exact" }),
    s("path", { d: through(draws.path.map(([n, m]) => [X(n), Y(m)])), class: "x-ld-average" }),
  );
  if (draws.n) {
    const [n, mean] = draws.path.at(-1);
    svg.append(s("circle", { cx: X(n), cy: Y(mean), r: 4.5, class: "x-ld-latest" }));
  }
  describe(
    draws.n
      ? `After ${draws.n} draws the average is ${signed(draws.total / draws.n, 3)}; exact ${signed(gradJ, 3)}.`
      : `Nothing is drawn yet; the exact gradient is ${signed(gradJ, 3)}.`,
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
