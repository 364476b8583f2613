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
      for (let key of __getOwnPropNames(from))
        if (!__hasOwnProp.call(to, key) && key !== except)
          __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
    }
    return to;
  };
  var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

  // alignlib/explorables/src/log_derivative/view.js
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
  function slider({ label, min, max, step, value, show = String, onchange }) {
    const id = freshId("slider");
    const output = h("output", { for: id }, show(value));
    const input = h("input", {
      id,
      type: "range",
      min,
      max,
      step,
      value,
      "aria-valuetext": show(value)
    });
    input.addEventListener("input", () => {
      const now = Number(input.value);
      output.textContent = show(now);
      input.setAttribute("aria-valuetext", show(now));
      onchange(now);
    });
    return h("div", { class: "x-field" }, h("label", { for: id }, label), input, output);
  }
  function choice({ label, options, value, onchange }) {
    const id = freshId("choice");
    const select = h(
      "select",
      { id, onchange: () => onchange(select.value) },
      options.map(([key, text]) => h("option", { value: key, selected: key === value }, text))
    );
    return h("div", { class: "x-field" }, h("label", { for: id }, label), select);
  }

  // alignlib/explorables/src/shared/numbers.js
  function fixed(value, digits = 2) {
    const text = value.toFixed(digits);
    return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
  }
  function signed(value, digits = 2) {
    return Number(value.toFixed(digits)) > 0 ? `+${fixed(value, digits)}` : fixed(value, digits);
  }
  function number(value, { digits = 2, key = null, show = fixed } = {}) {
    return h("data", { value, "data-key": key }, show(value, digits));
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
  function draw(probabilities, random) {
    let rest = random();
    for (let index = 0; index < probabilities.length - 1; index += 1) {
      rest -= probabilities[index];
      if (rest < 0) return index;
    }
    return probabilities.length - 1;
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

  // alignlib/explorables/src/log_derivative/trick.js
  function trick(theta, { slopes: slopes2, rewards }) {
    const powers = slopes2.map((slope) => Math.exp(theta * slope));
    const p = powers.map((power) => power / sum(powers));
    const meanSlope = dot(p, slopes2);
    const score = slopes2.map((slope) => slope - meanSlope);
    const gradP = p.map((value, x) => value * score[x]);
    const weighted = score.map((value, x) => rewards[x] * value);
    const gradJ = dot(rewards, gradP);
    return {
      theta,
      p,
      gradP,
      score,
      weightedGradP: gradP.map((value, x) => rewards[x] * value),
      weightedScore: weighted,
      J: dot(p, rewards),
      gradJ,
      // the sum that can't be sampled
      sumGradP: sum(gradP),
      meanScore: dot(p, score),
      meanWeightedScore: dot(p, weighted),
      // the expectation that can
      deviation: Math.sqrt(
        dot(
          p,
          weighted.map((value) => (value - gradJ) ** 2)
        )
      )
    };
  }
  function weighed(data, weight) {
    return weight === "1" ? { ...data, rewards: data.rewards.map(() => 1) } : data;
  }
  var MOST = 1e5;
  function noDraws(outcomes) {
    return { n: 0, total: 0, counts: Array(outcomes).fill(0), darts: [], path: [] };
  }
  function drawMore({ p, weightedScore }, draws, count2, random) {
    let { n, total } = draws;
    const counts = [...draws.counts];
    const path = [...draws.path];
    const darts = [];
    const end = Math.min(n + count2, MOST);
    while (n < end) {
      const dart = random();
      const x = draw(p, () => dart);
      darts.push(dart);
      counts[x] += 1;
      total += weightedScore[x];
      n += 1;
      if (n === end || n < 100 || n >= 1.02 * path.at(-1)[0]) path.push([n, total / n]);
    }
    return { n, total, counts, darts, path };
  }
  function bounds(values, from, to, steps = 60) {
    const all = Array.from({ length: steps + 1 }, (_, i) => values(from + (to - from) * i / steps));
    return [Math.min(...all.flat()), Math.max(...all.flat())];
  }
  var sum = (values) => values.reduce((total, value) => total + value, 0);
  var dot = (a, b) => a.reduce((total, value, index) => total + value * b[index], 0);

  // alignlib/explorables/src/log_derivative/words.js
  var separated = (n) => n.toLocaleString("en");
  var WORDS = {
    R: {
      height: "r(x) ∇ log p(x)",
      area: "each one's area is r ∇p, since p ∇ log p = ∇p",
      row: "r ∇p(x)",
      exact: "the exact ∇J"
    },
    1: {
      height: "∇ log p(x)",
      area: "each one's area is p ∇ log p, which is ∇p",
      row: "∇p(x)",
      exact: "the exact 0, since the probabilities always sum to one"
    }
  };
  function marks2(most) {
    const short = ["1", "10", "100", "1000", "10⁴", "10⁵"];
    return short.map((text, power) => [10 ** power, text]).filter(([n]) => n <= most);
  }
  function drawn(draws, outcomes, average2, exact, most) {
    const counted = outcomes.map((name, x) => `${separated(draws.counts[x])} ${name}`).join(", ");
    const end = draws.n < most ? "" : " No more are drawn: the plot ends here.";
    return `${separated(draws.n)} drawn: ${counted}. Average ${average2}, exact ${exact}.${end}`;
  }

  // alignlib/explorables/src/log_derivative/pictures.js
  var RANGE = [-3, 3];
  var COLOURS = ["orange", "blue", "green"];
  var LETTER = 8;
  var DASHES = ["", "7 4", "2 3"];
  function slopes(state, data) {
    const { svg, X, Y, describe } = plot({
      height: 230,
      x: { min: RANGE[0], max: RANGE[1], label: "θ" },
      y: {
        min: 0,
        max: 1.2,
        // room for the key
        label: "probability p(x), and its slope ∇p(x)",
        marks: [0, 0.5, 1].map((p) => [p, p])
      }
    });
    const thetas = Array.from({ length: 61 }, (_, i) => RANGE[0] + i * (RANGE[1] - RANGE[0]) / 60);
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
        s("circle", { cx: X(state.theta), cy: Y(p), r: 4.5, fill: stroke, class: "x-ld-point" })
      );
    });
    svg.append(...keys(data.outcomes, X(0)));
    describe(
      `Probabilities over theta. At theta = ${fixed(state.theta, 1)}: ` + data.outcomes.map((name, x) => `${name} ${fixed(state.p[x])}, slope ${signed(state.gradP[x])}`).join("; ")
    );
    return svg;
  }
  function areas(state, data, weight, darts) {
    const heights = state.weightedScore;
    const reached = bounds((theta) => trick(theta, data).weightedScore, ...RANGE);
    const [min, max] = reached.map((bound) => 1.25 * bound);
    const { svg, X, Y, describe } = plot({
      height: 250,
      x: { min: 0, max: 1, label: "width: p(x)" },
      y: { min, max, label: `height: ${WORDS[weight].height}` }
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
          class: "x-ld-area"
        })
      );
      const y = height < 0 ? bottom + 15 : top - 6;
      const name = data.outcomes[x];
      if (right - left > LETTER * name.length)
        svg.append(s("text", { x: (left + right) / 2, y, "text-anchor": "middle" }, name));
      from += state.p[x];
    });
    svg.append(
      line(X(0), Y(0), X(1), Y(0), { class: "x-plot-frame" }),
      ...darts.map((u) => line(X(u), Y(min) - 9, X(u), Y(min), { class: "x-ld-dart" }))
    );
    const areaOf = (x) => signed(state.weightedGradP[x]);
    describe(
      `Columns as wide as p and as high as ${weight === "R" ? "r grad log p" : "grad log p"}. Areas: ${data.outcomes.map((name, x) => `${name} ${areaOf(x)}`).join(", ")}; together ${signed(state.gradJ)}.`
    );
    return svg;
  }
  function average(state, draws, weight) {
    const { gradJ, deviation } = state;
    const furthest = Math.max(
      2.2 * deviation,
      ...draws.path.map(([, mean]) => Math.abs(mean - gradJ))
    );
    const [min, max] = [gradJ - 1.05 * furthest, gradJ + 1.05 * furthest];
    const powers = marks2(Math.max(1e3, 10 * draws.n));
    const last = powers.at(-1)[0];
    const { svg, X, Y, describe } = plot({
      height: 230,
      x: {
        min: 1,
        max: last,
        log: true,
        label: "draws n",
        marks: powers
      },
      y: { min, max, label: `average of ${WORDS[weight].height}` }
    });
    const ns = Array.from({ length: 41 }, (_, i) => last ** (i / 40));
    const edge = (side) => ns.map((n) => [X(n), Y(gradJ + side * 2 * deviation / Math.sqrt(n))]);
    svg.append(
      s("path", { d: `${through([...edge(1), ...edge(-1).reverse()])}Z`, class: "x-ld-funnel" }),
      line(X(1), Y(gradJ), X(last), Y(gradJ), { class: "x-ld-exact" }),
      s("path", { d: through(draws.path.map(([n, m]) => [X(n), Y(m)])), class: "x-ld-average" })
    );
    if (draws.n) {
      const [n, mean] = draws.path.at(-1);
      svg.append(s("circle", { cx: X(n), cy: Y(mean), r: 4.5, class: "x-ld-latest" }));
    }
    describe(
      draws.n ? `After ${separated(draws.n)} draws the average is ${signed(draws.total / draws.n, 3)}; exact ${signed(gradJ, 3)}.` : `Nothing is drawn yet; the exact value is ${signed(gradJ, 3)}.`
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
        s("text", { x: left + 29, y: 42.5 }, name)
      ];
    });
  }

  // alignlib/explorables/src/log_derivative/view.js
  var SEED = 5;
  function render({ model, el }) {
    const data = model.get("data");
    let theta, weight, random, draws;
    const fields = h("div", { class: "x-row" });
    const said = h("p", { class: "x-note", role: "status" });
    const [slope, area, mean] = [h("div"), h("div"), h("div")];
    const rows = h("tbody");
    const exact = h("p", { class: "x-note" });
    const [lead, areaNote, meanNote] = [h("p"), note(), note()];
    function reset() {
      theta = data.theta;
      weight = "R";
      clear();
      fields.replaceChildren(
        slider({
          label: "Parameter θ",
          min: RANGE[0],
          max: RANGE[1],
          step: 0.1,
          value: theta,
          show: (value) => fixed(value, 1),
          onchange: (value) => {
            theta = value;
            forget("they were from another p");
          }
        }),
        choice({
          label: "Weight",
          options: [
            ["R", "the reward r(x)"],
            ["1", "1, for every outcome"]
          ],
          value: weight,
          onchange: (value) => {
            weight = value;
            forget("they had another weight");
          }
        })
      );
      said.textContent = "";
      show();
    }
    function clear() {
      random = generator(SEED);
      draws = noDraws(data.outcomes.length);
    }
    function forget(why) {
      said.textContent = draws.n ? `The draws are gone: ${why}.` : "";
      clear();
      show();
    }
    function drawSome(count2) {
      const state = trick(theta, weighed(data, weight));
      draws = drawMore(state, draws, count2, random);
      const [reached, goal] = [draws.total / draws.n, state.gradJ].map((value) => signed(value, 3));
      said.textContent = drawn(draws, data.outcomes, reached, goal, MOST);
      show();
    }
    function show() {
      const state = trick(theta, data);
      const chosen = weighed(data, weight);
      const seen = trick(theta, chosen);
      const words = WORDS[weight];
      lead.textContent = `Move θ and watch the columns: ${words.area}. Then draw: a draw lands in a column by its width, and counts with its height.`;
      areaNote.textContent = `Marks at the foot: the latest draws. Areas above the line, less areas below: the sum in the table's row ${words.row}.`;
      meanNote.textContent = `Dashed: ${words.exact}. Grey: within two standard errors of it.`;
      slope.replaceChildren(slopes(state, data));
      area.replaceChildren(areas(seen, chosen, weight, draws.darts));
      mean.replaceChildren(average(seen, draws, weight));
      rows.replaceChildren(...table(state, data.rewards));
      exact.replaceChildren(
        "J(θ) = ",
        number(state.J, { digits: 3, key: "J" }),
        ", ∇J(θ) = ",
        number(state.gradJ, { digits: 3, key: "gradJ", show: signed }),
        `, average of ${words.height} over the draws: `,
        draws.n ? number(draws.total / draws.n, { digits: 3, key: "average", show: signed }) : "none yet"
      );
    }
    const head = ["", ...data.outcomes, "together"].map((name) => h("th", { scope: "col" }, name));
    head[0] = h("td");
    el.append(
      h(
        "div",
        { class: "x-root x-ld" },
        h("p", { class: "x-title" }, "The log-derivative trick"),
        lead,
        fields,
        h(
          "div",
          { class: "x-row x-ld-buttons" },
          h("button", { type: "button", onclick: () => drawSome(1) }, "Draw 1"),
          h("button", { type: "button", onclick: () => drawSome(100) }, "Draw 100"),
          h("button", { type: "button", onclick: reset }, "Reset")
        ),
        said,
        h(
          "div",
          { class: "x-ld-pictures" },
          h("div", {}, area, areaNote),
          h(
            "div",
            {},
            slope,
            note("Straight lines: tangents. What one outcome gains, the others lose.")
          ),
          h("div", {}, mean, meanNote, exact),
          numbersTable(head, rows)
        )
      )
    );
    reset();
  }
  var note = (text = "") => h("p", { class: "x-note" }, text);
  function numbersTable(head, rows) {
    return h(
      "table",
      { class: "x-table x-ld-table" },
      h("caption", {}, "The same in numbers"),
      h("thead", {}, h("tr", {}, head)),
      rows
    );
  }
  function table(state, rewards) {
    const row = (label, key, values, together) => h(
      "tr",
      {},
      h("th", { scope: "row" }, label),
      values.map((value, x) => h("td", {}, number(value, { key: `${key}-${x}` }))),
      h("td", {}, together)
    );
    const sum2 = (key, value) => ["sum ", number(value, { key })];
    const expected = (key, value) => ["mean ", number(value, { key })];
    return [
      row("r(x)", "R", rewards, expected("meanR", state.J)),
      row("p(x)", "p", state.p, "sum 1.00"),
      row("∇p(x)", "gradP", state.gradP, sum2("sumGradP", state.sumGradP)),
      row("∇ log p(x)", "score", state.score, expected("meanScore", state.meanScore)),
      row("r ∇p(x)", "weightedGradP", state.weightedGradP, sum2("sumWeighted", state.gradJ)),
      row(
        "r ∇ log p(x)",
        "weightedScore",
        state.weightedScore,
        expected("meanWeighted", state.meanWeightedScore)
      )
    ];
  }
  var view_default = { render };
  return __toCommonJS(view_exports);
})();
