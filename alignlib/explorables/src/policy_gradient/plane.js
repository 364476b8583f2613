// The plane of the logits that matter: J as lines of equal height, the policy as a point, and
// everything that pushes it as arrows, all of them to one scale, which the world sets.

import { s } from "../shared/dom.js";
import { fixed } from "../shared/numbers.js";
import { through } from "../shared/plot.js";
import { contour, grid } from "./contours.js";
import { add, mean, scale } from "./estimate.js";
import { expectedReturn } from "./world.js";

const SIZE = 340;
const CELLS = 36;
const LEVELS = 9;
let map = null; // the latest lines, which most steps leave as they are

export function plane(session) {
  const { world, theta, trail, clouds } = session;
  const axes = world.axes.map((axis) => axis.flat());
  const project = (vector) =>
    axes.map((axis) => axis.reduce((sum, value, i) => sum + value * vector[i], 0));
  const reach = Math.max(...trail.flatMap(project).map(Math.abs));
  const half = Math.max(2.6, Math.ceil(1.15 * reach)); // the window grows with the trail
  const at = ([x, y]) => [((x + half) / (2 * half)) * SIZE, ((half - y) / (2 * half)) * SIZE];
  const place = (vector) => at(project(vector));
  const tip = (push) => place(add(theta, scale(push, world.zoom)));

  const svg = s("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", class: "x-plot x-pg-plane" });
  svg.append(...lines(session, axes, half, at), ...directions(world, project, half, at));
  svg.append(s("path", { d: through(trail.map(place)), class: "x-pg-trail" }));
  if (clouds[0].length) {
    for (const [x, y] of clouds[0].map(tip))
      svg.append(s("circle", { cx: x, cy: y, r: 3, class: "x-pg-without" }));
    for (const [x, y] of clouds[1].map(tip))
      svg.append(s("rect", { x: x - 2, y: y - 2, width: 4, height: 4, class: "x-pg-with" }));
  } else {
    const pushes = session.pushes();
    for (const [push, count] of alike(pushes)) {
      const [x, y] = tip(push);
      svg.append(arrow(place(theta), [x, y], "x-pg-push", 7));
      if (count > 1)
        svg.append(s("text", { x: x + 5, y: y - 5, class: "x-pg-count" }, `${count}×`));
    }
    svg.append(arrow(place(theta), tip(mean(pushes)), "x-pg-mean", 9));
  }
  svg.append(arrow(place(theta), tip(session.exact), "x-pg-exact", 8));
  const [cx, cy] = place(theta);
  svg.append(s("circle", { cx, cy, r: 5.5, class: "x-pg-policy" }));
  svg.setAttribute("aria-label", describe(session));
  return svg;
}

// Each different push, and how many samples have it.
function alike(pushes) {
  const found = new Map();
  for (const push of pushes) {
    const key = push.map((value) => value.toFixed(9)).join();
    found.set(key, [push, (found.get(key)?.[1] ?? 0) + 1]);
  }
  return found.values();
}

function lines({ world, every }, axes, half, at) {
  if (map?.world !== world || map.half !== half) {
    const square = { min: -half, max: half, cells: CELLS };
    const J = (x, y) => expectedReturn(world, every, add(scale(axes[0], x), scale(axes[1], y)));
    const values = grid(J, square);
    const [low, high] = [Math.min(...values.flat()), Math.max(...values.flat())];
    const heights = Array.from({ length: LEVELS }, (_, k) => (k + 0.5) / LEVELS);
    const paths = heights.map((height) =>
      contour(values, low + height * (high - low), square)
        .map((segment) => through(segment.map(at)))
        .join(""),
    );
    map = { world, half, paths };
  }
  return map.paths.map((d, k) =>
    s("path", { d, class: "x-pg-level", "stroke-width": 0.6 + (k * 2) / LEVELS }),
  );
}

// Where each logit leads, written at the edge.
function directions(world, project, half, at) {
  const A = world.actions.length;
  const open = world.states.filter((_, state) => !world.terminal[state]);
  return open.flatMap((state, index) =>
    world.actions.map((action, a) => {
      const unit = world.states
        .flatMap(() => world.actions)
        .map((_, i) => Number(i === index * A + a));
      const [x, y] = project(unit);
      const [left, top] = at([(x / Math.hypot(x, y)) * half, (y / Math.hypot(x, y)) * half]);
      const anchor = left < 0.3 * SIZE ? "start" : left > 0.7 * SIZE ? "end" : "middle";
      const words = open.length > 1 ? `${state}: ${action}` : action;
      const where = {
        x: Math.min(Math.max(left, 6), SIZE - 6),
        y: Math.min(Math.max(top - 6, 16), SIZE - 7),
        "text-anchor": anchor,
        class: "x-pg-direction",
      };
      return s("text", where, words);
    }),
  );
}

function arrow([x0, y0], [x1, y1], name, head) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 0.5) return s("g");
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const size = Math.min(head, length);
  const [bx, by] = [x1 - ux * size, y1 - uy * size];
  const corner = (side) => [bx - side * uy * size * 0.45, by + side * ux * size * 0.45];
  return s(
    "g",
    { class: name },
    s("path", {
      d: through([
        [x0, y0],
        [bx, by],
      ]),
      class: "x-pg-shaft",
    }),
    s("path", { d: `${through([[x1, y1], corner(1), corner(-1)])}Z`, class: "x-pg-head" }),
  );
}

function describe({ samples, J, clouds, history }) {
  const what = clouds[0].length
    ? `${clouds[0].length} estimates without the baseline and as many with it, around the exact gradient`
    : `the pushes of ${samples.length} samples, their mean and the exact gradient`;
  return `Map of J over the logits. The policy, after ${history.length - 1} steps, has J = ${fixed(J, 3)}. Arrows: ${what}. The table has the numbers.`;
}
