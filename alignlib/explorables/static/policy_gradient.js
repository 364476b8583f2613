var explorable = (() => {
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __export = (target, all) => {
    for (var name in all)
      __defProp(target, name, { get: all[name], enumerable: true });
  };
  var __copyProps = (to, from, except, desc) => {
    if (from && typeof from === "object" || typeof from === "function") {
      for (let key2 of __getOwnPropNames(from))
        if (!__hasOwnProp.call(to, key2) && key2 !== except)
          __defProp(to, key2, { get: () => from[key2], enumerable: !(desc = __getOwnPropDesc(from, key2)) || desc.enumerable });
    }
    return to;
  };
  var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

  // alignlib/explorables/src/policy_gradient/view.js
  var view_exports = {};
  __export(view_exports, {
    default: () => view_default
  });

  // alignlib/explorables/src/shared/dom.js
  var SVG = "http://www.w3.org/2000/svg";
  function h(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }
  function s(tag, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, tag), attributes, children);
  }
  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== void 0)
        element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== void 0));
    return element;
  }
  var count = 0;
  function freshId(prefix) {
    count += 1;
    return `${prefix}-${count}-${Math.random().toString(36).slice(2, 8)}`;
  }
  function choice({ label, options, value, onchange }) {
    const id = freshId("choice");
    const select = h(
      "select",
      { id, onchange: () => onchange(select.value) },
      options.map(([key2, text]) => h("option", { value: key2, selected: key2 === value }, text))
    );
    return h("div", { class: "x-field" }, h("label", { for: id }, label), select);
  }
  function checkbox({ label, checked, onchange }) {
    const id = freshId("checkbox");
    const input = h("input", { id, type: "checkbox", checked });
    input.addEventListener("change", () => onchange(input.checked));
    return h("div", { class: "x-field x-check" }, input, h("label", { for: id }, label));
  }
  function reducedMotion() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  // alignlib/explorables/src/shared/numbers.js
  function fixed(value, digits = 2) {
    const text = value.toFixed(digits);
    return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
  }
  function signed(value, digits = 2) {
    return Number(value.toFixed(digits)) > 0 ? `+${fixed(value, digits)}` : fixed(value, digits);
  }
  function number(value, { digits = 2, key: key2 = null, show = fixed } = {}) {
    return h("data", { value, "data-key": key2 }, show(value, digits));
  }

  // alignlib/explorables/src/policy_gradient/key.js
  function key({ zoom }) {
    const items = [
      ["x-pg-key-push", "one sample's push; 4×: of four samples"],
      ["x-pg-key-mean", "their mean ĝ; a step is α times that"],
      ["x-pg-key-exact", "the exact gradient ∇J"],
      ["x-pg-key-without", "estimates, no baseline; large: their mean"],
      ["x-pg-key-with", "estimates, leave one out; large: their mean"]
    ];
    return h(
      "ul",
      { class: "x-note x-pg-key" },
      items.map(
        ([name, text]) => h("li", {}, h("span", { class: name, "aria-hidden": "true" }), text)
      ),
      h("li", {}, "Curves join policies of the same J; the thicker, the higher."),
      zoom > 1 ? h("li", {}, `Arrows are drawn ${zoom} times as long.`) : null
    );
  }

  // alignlib/explorables/src/shared/plot.js
  var ROOM = { left: 44, right: 20, top: 26, bottom: 40 };
  function ticks(min, max, count2 = 5) {
    const rough = (max - min) / count2;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
    const found = [];
    for (let index = Math.ceil(min / step - 1e-9); index * step <= max + 1e-9; index += 1)
      found.push(index * step);
    return found;
  }
  function through(points) {
    return points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");
  }
  function plot({ width = 340, height = 220, x, y }) {
    const X = scale(x, ROOM.left, width - ROOM.right);
    const Y = scale(y, height - ROOM.bottom, ROOM.top);
    const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "x-plot" });
    const [left, right, bottom, top] = [X(x.min), X(x.max), Y(y.min), Y(y.max)];
    for (const [value, text] of y.marks ?? marks(y)) {
      svg.append(
        s("line", { x1: left, x2: right, y1: Y(value), y2: Y(value), class: "x-plot-grid" }),
        s("text", { x: left - 5, y: Y(value) + 4.5, "text-anchor": "end" }, text)
      );
    }
    for (const [value, text] of x.marks ?? marks(x)) {
      svg.append(
        s("line", { x1: X(value), x2: X(value), y1: bottom, y2: bottom + 4, class: "x-plot-tick" }),
        s("text", { x: X(value), y: bottom + 18, "text-anchor": "middle" }, text)
      );
    }
    svg.append(
      s("path", { d: `M${left} ${top}V${bottom}H${right}`, class: "x-plot-frame" }),
      s("text", { x: right, y: height - 4, "text-anchor": "end" }, x.label),
      s("text", { x: 2, y: 14 }, y.label)
    );
    return { svg, X, Y, describe: (text) => svg.setAttribute("aria-label", text) };
  }
  function scale({ min, max, log }, from, to) {
    const position = log ? Math.log : (value) => value;
    const [first, last] = [position(min), position(max)];
    return (value) => from + (position(value) - first) / (last - first) * (to - from);
  }
  function marks({ min, max }) {
    const values = ticks(min, max);
    const digits = Math.max(0, Math.ceil(-Math.log10(values[1] - values[0]) - 1e-9));
    return values.map((value) => [value, fixed(value, digits)]);
  }

  // alignlib/explorables/src/policy_gradient/contours.js
  function contour(values, level, { min, max, cells: cells2 }) {
    const at = (i) => min + (max - min) * i / cells2;
    const segments = [];
    for (let i = 0; i < cells2; i += 1)
      for (let j = 0; j < cells2; j += 1) {
        const corners = [
          [i, j],
          [i + 1, j],
          [i + 1, j + 1],
          [i, j + 1]
        ];
        const crossings = [];
        corners.forEach(([i0, j0], k) => {
          const [i1, j1] = corners[(k + 1) % 4];
          const [from, to] = [values[i0][j0] - level, values[i1][j1] - level];
          if (from < 0 === to < 0) return;
          const part = from / (from - to);
          crossings.push([at(i0 + part * (i1 - i0)), at(j0 + part * (j1 - j0))]);
        });
        for (let k = 0; k + 1 < crossings.length; k += 2)
          segments.push([crossings[k], crossings[k + 1]]);
      }
    return segments;
  }
  function grid(f, { min, max, cells: cells2 }) {
    const at = (i) => min + (max - min) * i / cells2;
    const indices = [...Array(cells2 + 1).keys()];
    return indices.map((i) => indices.map((j) => f(at(i), at(j))));
  }

  // alignlib/explorables/src/policy_gradient/world.js
  function softmax(logits) {
    const most = Math.max(...logits);
    const powers = logits.map((z) => Math.exp(z - most));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  }
  function policy(world, theta) {
    const A = world.actions.length;
    return world.states.flatMap((_, s2) => softmax(theta.slice(s2 * A, (s2 + 1) * A)));
  }
  function enumerate(world) {
    const found = [];
    function go(s2, steps, dynamics) {
      if (world.terminal[s2] || steps.length === world.horizon) {
        found.push({ steps, dynamics, total: steps.reduce((sum, { r }) => sum + r, 0) });
        return;
      }
      world.actions.forEach((_, a) => {
        const longer = [...steps, { s: s2, a, r: world.reward[s2][a] }];
        if (longer.length === world.horizon) go(s2, longer, dynamics);
        else
          world.transition[s2][a].forEach((p, after) => {
            if (p > 0) go(after, longer, dynamics * p);
          });
      });
    }
    world.initial.forEach((p, s2) => {
      if (p > 0) go(s2, [], p);
    });
    return found;
  }
  function probabilities(world, every, theta) {
    const pi = policy(world, theta);
    const A = world.actions.length;
    return every.map(
      ({ steps, dynamics }) => steps.reduce((p, { s: s2, a }) => p * pi[s2 * A + a], dynamics)
    );
  }
  function expectedReturn(world, every, theta) {
    const p = probabilities(world, every, theta);
    return every.reduce((sum, { total }, i) => sum + p[i] * total, 0);
  }
  function scores(world, pi, { steps }) {
    const A = world.actions.length;
    return steps.map(
      ({ s: s2, a }) => pi.map((p, index) => Math.floor(index / A) === s2 ? (index === s2 * A + a ? 1 : 0) - p : 0)
    );
  }

  // alignlib/explorables/src/policy_gradient/estimate.js
  var add = (a, b) => a.map((value, i) => value + b[i]);
  var scale2 = (a, factor) => a.map((value) => value * factor);
  var squared = (a) => a.reduce((sum, value) => sum + value * value, 0);
  function credits({ steps, total }, toGo) {
    let rest = total;
    return steps.map(({ r }) => {
      const credit = toGo ? rest : total;
      rest -= r;
      return credit;
    });
  }
  function advantages(samples, { toGo, baseline }) {
    const earned = samples.map((tau) => credits(tau, toGo));
    const sumAt = (t) => earned.reduce((sum, credit) => sum + (credit[t] ?? 0), 0);
    return earned.map(
      (credit) => credit.map((own, t) => baseline ? own - (sumAt(t) - own) / (samples.length - 1) : own)
    );
  }
  function pushes(world, theta, samples, options) {
    const pi = policy(world, theta);
    const weights = advantages(samples, options);
    return samples.map(
      (tau, i) => scores(world, pi, tau).map((score, t) => scale2(score, weights[i][t])).reduce(add)
    );
  }
  function mean(vectors) {
    return scale2(vectors.reduce(add), 1 / vectors.length);
  }
  function gradient(world, every, theta) {
    const p = probabilities(world, every, theta);
    const each = pushes(world, theta, every, { toGo: false, baseline: false });
    return each.map((push, i) => scale2(push, p[i])).reduce(add);
  }
  function variance(world, every, theta, N, { toGo, baseline }) {
    const p = probabilities(world, every, theta);
    const g = gradient(world, every, theta);
    const spread = (vectors) => vectors.reduce((sum, v, i) => sum + p[i] * squared(add(v, scale2(g, -1))), 0);
    if (!baseline) return spread(pushes(world, theta, every, { toGo, baseline })) / N;
    const pi = policy(world, theta);
    const known = every.map((tau) => ({ score: scores(world, pi, tau), credit: credits(tau, toGo) }));
    const none = pi.map(() => 0);
    function h2(one, other) {
      let sum = none;
      for (let t = 0; t < world.horizon; t += 1) {
        const score = add(one.score[t] ?? none, scale2(other.score[t] ?? none, -1));
        sum = add(sum, scale2(score, ((one.credit[t] ?? 0) - (other.credit[t] ?? 0)) / 2));
      }
      return sum;
    }
    const pairs = known.map((one) => known.map((other) => h2(one, other)));
    const first = pairs.map((row2) => row2.map((value, j) => scale2(value, p[j])).reduce(add));
    const whole = pairs.reduce((sum, row2, i) => sum + p[i] * spread(row2), 0);
    return 4 * (N - 2) / (N * (N - 1)) * spread(first) + 2 / (N * (N - 1)) * whole;
  }

  // alignlib/explorables/src/policy_gradient/labels.js
  var [LETTER, LINE, EDGE] = [7.5, 15, 4];
  var around = ([x, y], w, h2 = w) => ({ x, y, w, h: h2 });
  var overlap = (a, b) => Math.abs(a.x - b.x) < a.w + b.w && Math.abs(a.y - b.y) < a.h + b.h;
  function settle(text, spots, taken, size) {
    const [w, h2] = [text.length * LETTER / 2, LINE / 2];
    const inside = (value, half) => Math.min(Math.max(value, half + EDGE), Math.max(size - half - EDGE, half + EDGE));
    const boxes = spots.map(([x, y]) => around([inside(x, w), inside(y, h2)], w, h2));
    const covered = boxes.map((box) => taken.filter((other) => overlap(box, other)).length);
    return boxes[covered.indexOf(Math.min(...covered))];
  }
  function beyond([x0, y0], [x, y]) {
    const ahead = Math.atan2(y - y0, x - x0);
    return [13, 21].flatMap(
      (far) => [0, 0.5, -0.5, 1, -1, 1.5, -1.5].map((turn) => [
        x + far * Math.cos(ahead + turn),
        y + far * Math.sin(ahead + turn)
      ])
    );
  }
  function atEdge([dx, dy], size) {
    const reach = size / 2 / Math.max(Math.abs(dx), Math.abs(dy));
    const [x, y] = [size / 2 + reach * dx, size / 2 + reach * dy];
    const [alongX, alongY] = Math.abs(dx) > Math.abs(dy) ? [0, 1] : [1, 0];
    return [0, 18, -18, 36, -36, 54, -54].map((by) => [x + by * alongX, y + by * alongY]);
  }

  // alignlib/explorables/src/policy_gradient/plane.js
  var SIZE = 340;
  var CELLS = 36;
  var LEVELS = 9;
  var map = null;
  function plane(session) {
    const { world, theta, trail, clouds } = session;
    const axes = world.axes.map((axis) => axis.flat());
    const project = (vector) => axes.map((axis) => axis.reduce((sum, value, i) => sum + value * vector[i], 0));
    const reach = Math.max(...trail.flatMap(project).map(Math.abs));
    const half = Math.max(2.6, Math.ceil(1.15 * reach));
    const at = ([x, y]) => [(x + half) / (2 * half) * SIZE, (half - y) / (2 * half) * SIZE];
    const place = (vector) => at(project(vector));
    const tip = (push) => place(add(theta, scale2(push, world.zoom)));
    const svg = s("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", class: "x-plot x-pg-plane" });
    svg.append(...lines(session, axes, half, at));
    svg.append(s("path", { d: through(trail.map(place)), class: "x-pg-trail" }));
    const from = place(theta);
    const drawn = [];
    const point = (push, words2, name, head) => {
      drawn.push([tip(push), words2]);
      svg.append(arrow(from, tip(push), name, head));
    };
    if (clouds[0].length) {
      svg.append(...clouds[0].map((estimate) => circle(tip(estimate), 3, "x-pg-without")));
      svg.append(...clouds[1].map((estimate) => square(tip(estimate), 4, "x-pg-with")));
      svg.append(circle(tip(session.seenMean(false)), 8, "x-pg-without x-pg-large"));
      svg.append(square(tip(session.seenMean(true)), 11, "x-pg-with x-pg-large"));
    } else {
      const pushes2 = session.pushes();
      for (const [push, count2] of alike(pushes2))
        point(push, count2 > 1 ? `${count2}×` : "", "x-pg-push", 7);
      point(mean(pushes2), "", "x-pg-mean", 9);
    }
    point(session.exact, "", "x-pg-exact", 8);
    svg.append(circle(from, 5.5, "x-pg-policy"));
    svg.append(...words(from, drawn, directions(world, project)));
    svg.setAttribute("aria-label", describe(session));
    return svg;
  }
  var circle = ([cx, cy], r, name) => s("circle", { cx, cy, r, class: name });
  var square = ([x, y], side, name) => s("rect", { x: x - side / 2, y: y - side / 2, width: side, height: side, class: name });
  function words(from, drawn, names) {
    const along = (tip, part) => from.map((start, i) => start + part * (tip[i] - start));
    const taken = drawn.flatMap(
      ([tip]) => [0, 0.25, 0.5, 0.75, 1].map((part) => around(along(tip, part), 5))
    );
    const write = (text, spots, name) => {
      const box = settle(text, spots, taken, SIZE);
      taken.push(box);
      return s("text", { x: box.x, y: box.y + 5, "text-anchor": "middle", class: name }, text);
    };
    return [
      ...names.map(([text, towards]) => write(text, atEdge(towards, SIZE), "x-pg-direction")),
      ...drawn.filter(([, text]) => text).map(([tip, text]) => write(text, beyond(from, tip), "x-pg-count"))
    ];
  }
  function alike(pushes2) {
    const found = /* @__PURE__ */ new Map();
    for (const push of pushes2) {
      const key2 = push.map((value) => value.toFixed(9)).join();
      found.set(key2, [push, (found.get(key2)?.[1] ?? 0) + 1]);
    }
    return found.values();
  }
  function lines({ world, every }, axes, half, at) {
    if (map?.world !== world || map.half !== half) {
      const square2 = { min: -half, max: half, cells: CELLS };
      const J = (x, y) => expectedReturn(world, every, add(scale2(axes[0], x), scale2(axes[1], y)));
      const values = grid(J, square2);
      const [low, high] = [Math.min(...values.flat()), Math.max(...values.flat())];
      const heights = Array.from({ length: LEVELS }, (_, k) => (k + 0.5) / LEVELS);
      const paths = heights.map(
        (height) => contour(values, low + height * (high - low), square2).map((segment) => through(segment.map(at))).join("")
      );
      map = { world, half, paths };
    }
    return map.paths.map(
      (d, k) => s("path", { d, class: "x-pg-level", "stroke-width": 0.6 + k * 2 / LEVELS })
    );
  }
  function directions(world, project) {
    const A = world.actions.length;
    const open = world.states.filter((_, state) => !world.terminal[state]);
    return open.flatMap(
      (state, index) => world.actions.map((action, a) => {
        const unit = world.states.flatMap(() => world.actions).map((_, i) => Number(i === index * A + a));
        const [x, y] = project(unit);
        return [open.length > 1 ? `${state}: ${action}` : action, [x, -y]];
      })
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
          [bx, by]
        ]),
        class: "x-pg-shaft"
      }),
      s("path", { d: `${through([[x1, y1], corner(1), corner(-1)])}Z`, class: "x-pg-head" })
    );
  }
  function describe({ samples, J, clouds, history }) {
    const what = clouds[0].length ? `${clouds[0].length} estimates without the baseline and as many with it, the mean of each, and the exact gradient` : `the pushes of ${samples.length} samples, their mean and the exact gradient`;
    return `Map of J over the logits. The policy, after ${history.length - 1} steps, has J = ${fixed(J, 3)}. Drawn: ${what}. The table has the numbers.`;
  }

  // alignlib/explorables/src/policy_gradient/progress.js
  function progress({ history, world, every }) {
    const least = Math.min(...every.map(({ total }) => total), ...history);
    const { best } = world;
    const { svg, X, Y, describe: describe2 } = plot({
      height: 190,
      x: { min: 0, max: Math.max(20, history.length - 1), label: "steps" },
      y: { min: least, max: best + 0.08 * (best - least), label: "exact J" }
    });
    const points = history.map((J, step) => [X(step), Y(J)]);
    const [cx, cy] = points.at(-1);
    svg.append(
      s("path", { d: `M${X(0)} ${Y(best)}H${340 - 20}`, class: "x-pg-best" }),
      s("path", { d: through(points), class: "x-pg-line" }),
      s("circle", { cx, cy, r: 4, class: "x-pg-now" })
    );
    describe2(
      `J over ${history.length - 1} steps: from ${fixed(history[0], 3)} to ${fixed(history.at(-1), 3)}; the best policy has ${fixed(best, 3)}.`
    );
    return svg;
  }

  // alignlib/explorables/src/shared/random.js
  function generator(seed) {
    let state = seed >>> 0;
    return () => {
      state = state + 1831565813 >>> 0;
      let mixed = Math.imul(state ^ state >>> 15, state | 1);
      mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
      return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296;
    };
  }
  function draw(probabilities2, random) {
    let rest = random();
    for (let index = 0; index < probabilities2.length - 1; index += 1) {
      rest -= probabilities2[index];
      if (rest < 0) return index;
    }
    return probabilities2.length - 1;
  }

  // alignlib/explorables/src/policy_gradient/session.js
  var WITH = [false, true];
  var Session = class {
    constructor(world, { seed, N, alpha, baseline, toGo }) {
      Object.assign(this, { world, seed, N, alpha, baseline, toGo });
      this.every = enumerate(world);
      this.reset();
    }
    reset() {
      this.random = generator(this.seed);
      this.moveTo(this.world.logits.flat());
      this.trail = [this.theta];
      this.history = [this.J];
      this.sample();
    }
    moveTo(theta) {
      this.theta = theta;
      this.pi = policy(this.world, theta);
      this.p = probabilities(this.world, this.every, theta);
      this.J = expectedReturn(this.world, this.every, theta);
      this.exact = gradient(this.world, this.every, theta);
      this.forget();
    }
    // Drop the many estimates, which belong to one policy, N and credit.
    forget() {
      this.clouds = [[], []];
    }
    // Change an option; returns how many estimates that has dropped.
    set(name, value) {
      const before = this.clouds[0].length;
      this[name] = value;
      if (name === "N" || name === "toGo") this.forget();
      if (name === "N") this.sample();
      return before - this.clouds[0].length;
    }
    drawN() {
      return Array.from({ length: this.N }, () => this.every[draw(this.p, this.random)]);
    }
    sample() {
      this.samples = this.drawN();
    }
    pushes(baseline = this.baseline) {
      return pushes(this.world, this.theta, this.samples, { baseline, toGo: this.toGo });
    }
    // Go uphill by alpha times the mean push; throw the samples away, and draw new ones.
    step() {
      this.moveTo(add(this.theta, scale2(mean(this.pushes()), this.alpha)));
      this.trail.push(this.theta);
      this.history.push(this.J);
      this.sample();
    }
    // Many estimates at this policy, each from N new trajectories, without and with the baseline.
    repeat(count2) {
      for (let i = 0; i < count2; i += 1) {
        this.sample();
        for (const baseline of WITH) this.clouds[Number(baseline)].push(mean(this.pushes(baseline)));
      }
    }
    variance(baseline) {
      const options = { baseline, toGo: this.toGo };
      return variance(this.world, this.every, this.theta, this.N, options);
    }
    // The mean of the many estimates; null if there are none.
    seenMean(baseline) {
      const cloud = this.clouds[Number(baseline)];
      return cloud.length ? mean(cloud) : null;
    }
    // The mean squared distance of the many estimates from the gradient; null if there are none.
    seenVariance(baseline) {
      const cloud = this.clouds[Number(baseline)];
      if (!cloud.length) return null;
      const off = cloud.map((estimate) => squared(add(estimate, scale2(this.exact, -1))));
      return off.reduce((sum, value) => sum + value, 0) / cloud.length;
    }
  };

  // alignlib/explorables/src/policy_gradient/tables.js
  var cells = (tag, texts) => texts.map((text) => h(tag, tag === "th" ? { scope: "col" } : {}, text));
  function table(caption, head, rows) {
    const header = cells("th", head);
    if (!head[0]) header[0] = h("td");
    return h(
      "table",
      { class: "x-table" },
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, header)),
      h("tbody", {}, rows)
    );
  }
  var nameOf = (baseline) => baseline ? "leave one out" : "no baseline";
  var row = (name, values) => h("tr", {}, h("th", { scope: "row" }, name), cells("td", values));
  function choices({ states, actions, terminal }) {
    const many = terminal.filter((over) => !over).length > 1;
    return states.flatMap(
      (state, s2) => terminal[s2] ? [] : actions.map((action, a) => ({
        index: s2 * actions.length + a,
        name: many ? `${state}: ${action}` : action,
        s: s2,
        a
      }))
    );
  }
  function policyTable(session) {
    const { world, theta, pi, exact, baseline, clouds } = session;
    const many = clouds[0].length;
    const estimate = session.seenMean(baseline) ?? mean(session.pushes());
    const rows = choices(world).map(
      ({ index, name, s: s2, a }) => row(name, [
        number(world.reward[s2][a], { digits: 1 }),
        number(theta[index], { key: `theta-${index}` }),
        h(
          "span",
          { class: "x-pg-pi" },
          h("span", { class: "x-pg-bar", style: `width: ${(100 * pi[index]).toFixed(1)}%` }),
          number(pi[index], { key: `pi-${index}` })
        ),
        number(estimate[index], { key: `${many ? "mean" : "estimate"}-${index}`, show: signed }),
        number(exact[index], { key: `exact-${index}`, show: signed })
      ])
    );
    const caption = many ? `The policy, the mean of ${many} estimates (${nameOf(baseline)}) and the gradient` : "The policy, the estimate and the gradient";
    return table(caption, ["", "r", "θ", "π", many ? "mean ĝ" : "ĝ", "∇J"], rows);
  }
  function varianceTable(session) {
    const rows = WITH.map((baseline) => {
      const seen = session.seenVariance(baseline);
      const key2 = baseline ? "with" : "without";
      return row(`${baseline === session.baseline ? "▸ " : ""}${nameOf(baseline)}`, [
        number(session.variance(baseline), { digits: 4, key: `variance-${key2}` }),
        seen === null ? "none yet" : number(seen, { digits: 4, key: `seen-${key2}` })
      ]);
    });
    const count2 = session.clouds[0].length;
    const last = count2 ? `seen in ${count2}` : "seen";
    return table(`Variance of ĝ from N = ${session.N} samples`, ["", "exact", last], rows);
  }
  function samplesTable(session) {
    const { world, samples } = session;
    const options = choices(world);
    const many = world.horizon > 1;
    const pushes2 = session.pushes();
    const weights = advantages(samples, session);
    const rows = samples.map(({ steps, total }, i) => {
      const names = steps.map(
        ({ s: s2, a }) => many ? `${world.states[s2]}: ${world.actions[a]}` : world.actions[a]
      );
      return row(names.join(", "), [
        fixed(total),
        weights[i].map((weight) => signed(weight)).join(", "),
        options.map(({ index }) => signed(pushes2[i][index])).join(", ")
      ]);
    });
    const order = options.map(({ name }) => name).join(", ");
    const head = ["trajectory τ", "r(τ)", many ? "A at each step" : "A", "push"];
    const latest = session.clouds[0].length ? "The latest estimate, which a step follows. " : "";
    return table(`${latest}Pushes are on the logits of ${order}.`, head, rows);
  }

  // alignlib/explorables/src/policy_gradient/words.js
  function estimated(session) {
    const [without, with_] = WITH.map((on) => fixed(session.seenVariance(on), 3));
    return `${session.clouds[0].length} estimates: variance ${without} without the baseline, ${with_} with it.`;
  }
  function changed(session, name, dropped) {
    const { N, alpha, baseline, toGo, clouds } = session;
    const gone = (of) => dropped ? ` The ${dropped} estimates are gone: they had another ${of}.` : "";
    const marked = clouds[0].length ? ` ▸ marks its row. ${estimated(session)}` : "";
    return {
      N: `${N} new samples are drawn.${gone("N")}`,
      alpha: `A step is now ${alpha} times ĝ.`,
      baseline: `${baseline ? "Baseline: leave one out." : "No baseline."}${marked}`,
      toGo: `Each action is credited with ${toGo ? "its reward-to-go" : "the whole return"}.${gone("credit")}`
    }[name];
  }
  function paused({ history, J }, steps, longest) {
    const where = `Paused after step ${history.length - 1}: J = ${fixed(J, 3)}.`;
    return steps < longest ? where : `${where} A run has ${longest} steps; press Run for more.`;
  }

  // alignlib/explorables/src/policy_gradient/view.js
  var PAUSE = 300;
  var LONGEST = 300;
  var MANY = 200;
  var AT_ONCE = 20;
  function render({ model, el }) {
    const { worlds, seed } = model.get("data");
    const start = { world: 0, N: 8, baseline: false, toGo: false };
    let session;
    let timer = null;
    let ran = 0;
    const fields = h("div", { class: "x-row" });
    const [picture, chart, numbers, variances, samples] = Array.from({ length: 5 }, () => h("div"));
    const keys = h("div");
    const said = h("p", { class: "x-note", role: "status" });
    const reached = h("p", { class: "x-note" });
    const runLabel = () => reducedMotion() ? `Run ${AT_ONCE} steps` : "Run";
    const button = (label, onclick) => h("button", { type: "button", onclick }, label);
    const run = button(runLabel(), toggle);
    function open(world, settings2, words2 = "") {
      stop();
      session = new Session(worlds[world], { seed, alpha: worlds[world].alpha, ...settings2 });
      fields.replaceChildren(...controls(world));
      keys.replaceChildren(key(worlds[world]));
      say(`${words2}${session.N} samples are drawn.`);
    }
    function say(text) {
      said.textContent = text;
      show();
    }
    function show() {
      picture.replaceChildren(plane(session));
      chart.replaceChildren(progress(session));
      numbers.replaceChildren(policyTable(session));
      variances.replaceChildren(varianceTable(session));
      samples.replaceChildren(samplesTable(session));
      reached.replaceChildren(
        "Step ",
        number(session.history.length - 1, { digits: 0, key: "steps" }),
        ": J = ",
        number(session.J, { digits: 4, key: "J" }),
        ". Dashed: the best policy, ",
        number(session.world.best, { digits: 4, key: "best" }),
        "."
      );
    }
    function controls(world) {
      const option = (name, parse = (value) => value) => (value) => {
        const dropped = session.set(name, parse(value));
        if (timer === null) said.textContent = changed(session, name, dropped);
        show();
      };
      const numbersOf = (values) => values.map((value) => [String(value), String(value)]);
      return [
        choice({
          label: "World",
          options: worlds.map(({ title }, index) => [String(index), title]),
          value: String(world),
          onchange: (value) => {
            const { alpha } = worlds[value];
            open(Number(value), settings(), `The step size α = ${alpha} suits this world. `);
            fields.querySelector("select").focus();
          }
        }),
        choice({
          label: "Samples N",
          options: numbersOf([2, 4, 8, 16, 32]),
          value: String(session.N),
          onchange: option("N", Number)
        }),
        choice({
          label: "Step size α",
          options: numbersOf([0.1, 0.3, 1, 2, 5]),
          value: String(session.alpha),
          onchange: option("alpha", Number)
        }),
        checkbox({
          label: "Baseline: leave one out",
          checked: session.baseline,
          onchange: option("baseline")
        }),
        session.world.horizon > 1 && checkbox({ label: "Reward-to-go", checked: session.toGo, onchange: option("toGo") })
      ].filter(Boolean);
    }
    const settings = () => ({ N: session.N, baseline: session.baseline, toGo: session.toGo });
    function sample() {
      stop();
      session.forget();
      session.sample();
      say(`${session.N} new samples.`);
    }
    function step(count2 = 1) {
      const before = session.J;
      for (let i = 0; i < count2; i += 1) session.step();
      const steps = session.history.length - 1;
      said.textContent = `Step ${steps}: J went from ${fixed(before, 3)} to ${fixed(session.J, 3)}.`;
      show();
    }
    function repeat() {
      stop();
      session.repeat(MANY);
      say(estimated(session));
    }
    function toggle() {
      if (timer !== null) stop();
      else if (reducedMotion()) step(AT_ONCE);
      else {
        ran = 0;
        run.textContent = "Pause";
        said.textContent = "Running.";
        timer = setInterval(() => {
          if (!el.isConnected) return stop();
          session.step();
          show();
          ran += 1;
          if (ran === LONGEST) stop();
        }, PAUSE);
      }
    }
    function stop() {
      if (timer === null) return;
      clearInterval(timer);
      timer = null;
      run.textContent = runLabel();
      said.textContent = paused(session, ran, LONGEST);
    }
    el.append(
      h(
        "div",
        { class: "x-root x-pg" },
        h("p", { class: "x-title" }, "REINFORCE, one push at a time"),
        h(
          "p",
          {},
          "The dot is the policy. Each sample pushes it; the mean of the pushes is the step. Press Step a few times, then try the baseline."
        ),
        fields,
        h(
          "div",
          { class: "x-row" },
          button("Sample", sample),
          button("Step", () => {
            stop();
            step();
          }),
          run,
          button(`Estimate ${MANY} times`, repeat),
          button("Reset", () => open(start.world, start))
        ),
        said,
        h(
          "div",
          { class: "x-pg-parts" },
          h("div", {}, picture, keys),
          h("div", {}, numbers, variances, chart, reached)
        ),
        h("details", {}, h("summary", {}, "The samples in numbers"), samples)
      )
    );
    open(start.world, start);
    return stop;
  }
  var view_default = { render };
  return __toCommonJS(view_exports);
})();
