// The plane of the logits that matter: J as lines of equal height, the policy as a point, and
// everything that pushes it as arrows, all of them to one scale, which the world sets.

import { s } from "../shared/dom.js";
import { fixed } from "../shared/numbers.js";
import { through } from "../shared/plot.js";
import { contour, grid } from "./contours.js";
import { add, mean, scale } from "./estimate.js";
import { around, atEdge, beyond, settle } from "./labels.js";
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
  svg.append(...lines(session, axes, half, at));
  svg.append(s("path", { d: through(trail.map(place)), class: "x-pg-trail" }));
  const from = place(theta);
  const drawn = []; // [tip, words] of each arrow
  const point = (push, words, name, head) => {
    drawn.push([tip(push), words]);
    svg.append(arrow(from, tip(push), name, head));
  };
  if (clouds[0].length) {
    svg.append(...clouds[0].map((estimate) => circle(tip(estimate), 3, "x-pg-without")));
    svg.append(...clouds[1].map((estimate) => square(tip(estimate), 4, "x-pg-with")));
    svg.append(circle(tip(session.seenMean(false)), 8, "x-pg-without x-pg-large"));
    svg.append(square(tip(session.seenMean(true)), 11, "x-pg-with x-pg-large"));
  } else {
    const pushes = session.pushes();
    for (const [push, count] of alike(pushes))
      point(push, count > 1 ? `${count}×` : "", "x-pg-push", 7);
    point(mean(pushes), "", "x-pg-mean", 9);
  }
  point(session.exact, "", "x-pg-exact", 8);
  svg.append(circle(from, 5.5, "x-pg-policy"));
  svg.append(...words(from, drawn, directions(world, project)));
  svg.setAttribute("aria-label", describe(session));
  return svg;
}

const circle = ([cx, cy], r, name) => s("circle", { cx, cy, r, class: name });

const square = ([x, y], side, name) =>
  s("rect", { x: x - side / 2, y: y - side / 2, width: side, height: side, class: name });

// The directions' names at the edge, and the counts beyond the tips.
function words(from, drawn, names) {
  const along = (tip, part) => from.map((start, i) => start + part * (tip[i] - start));
  const taken = drawn.flatMap(([tip]) =>
    [0, 0.25, 0.5, 0.75, 1].map((part) => around(along(tip, part), 5)),
  );
  const write = (text, spots, name) => {
    const box = settle(text, spots, taken, SIZE);
    taken.push(box);
    return s("text", { x: box.x, y: box.y + 5, "text-anchor": "middle", class: name }, text);
  };
  return [
    ...names.map(([text, towards]) => write(text, atEdge(towards, SIZE), "x-pg-direction")),
    ...drawn
      .filter(([, text]) => text)
      .map(([tip, text]) => write(text, beyond(from, tip), "x-pg-count")),
  ];
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

// Where each logit leads: its name, and a direction on the page.
function directions(world, project) {
  const A = world.actions.length;
  const open = world.states.filter((_, state) => !world.terminal[state]);
  return open.flatMap((state, index) =>
    world.actions.map((action, a) => {
      const unit = world.states
        .flatMap(() => world.actions)
        .map((_, i) => Number(i === index * A + a));
      const [x, y] = project(unit);
      return [open.length > 1 ? `${state}: ${action}` : action, [x, -y]];
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
    ? `${clouds[0].length} estimates without the baseline and as many with it, the mean of each, and the exact gradient`
    : `the pushes of ${samples.length} samples, their mean and the exact gradient`;
  return `Map of J over the logits. The policy, after ${history.length - 1} steps, has J = ${fixed(J, 3)}. Drawn: ${what}. The table has the numbers.`;
}
