// J over the steps taken.

import { s } from "../shared/dom.js";
import { fixed } from "../shared/numbers.js";
import { plot, through } from "../shared/plot.js";

export function progress({ history, world, every }) {
  const least = Math.min(...every.map(({ total }) => total), ...history);
  const { best } = world;
  const { svg, X, Y, describe } = plot({
    height: 190,
    x: { min: 0, max: Math.max(20, history.length - 1), label: "steps" },
    y: { min: least, max: best + 0.08 * (best - least), label: "exact J" },
  });
  const points = history.map((J, step) => [X(step), Y(J)]);
  const [cx, cy] = points.at(-1);
  svg.append(
    s("path", { d: `M${X(0)} ${Y(best)}H${340 - 20}`, class: "x-pg-best" }),
    s("path", { d: through(points), class: "x-pg-line" }),
    s("circle", { cx, cy, r: 4, class: "x-pg-now" }),
  );
  describe(
    `J over ${history.length - 1} steps: from ${fixed(history[0], 3)} to ${fixed(history.at(-1), 3)}; ` +
      `the best policy has ${fixed(best, 3)}.`,
  );
  return svg;
}
