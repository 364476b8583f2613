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

  // alignlib/explorables/src/reward_weights/view.js
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

  // alignlib/explorables/src/reward_weights/mixtures.js
  var REWARDS = ["truth", "politeness", "the coast", "the hills"];
  var MEASURES = {
    truth: { text: "true answers", better: 1 },
    politeness: { text: "polite answers", better: 1 },
    coast: { text: "the coast approves", better: 1 },
    hills: { text: "the hills approve", better: 1 },
    "made up": { text: "made up where nobody knows", better: -1 },
    harm: { text: "harmful requests done", better: -1 }
  };
  var divisor = (a, b) => b === 0 ? a : divisor(b, a % b);
  function reduced(counts) {
    const common = counts.reduce(divisor);
    return common > 1 ? counts.map((count2) => count2 / common) : [...counts];
  }
  function summary(numbers) {
    const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
    return { mean, low: Math.min(...numbers), high: Math.max(...numbers) };
  }
  function byMixture(runs) {
    const groups = /* @__PURE__ */ new Map();
    for (const run of runs) {
      const key = String(run.mixture);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(run);
    }
    return [...groups.values()].map((group) => described(group[0].mixture, group));
  }
  function described(counts, runs) {
    const values = Object.fromEntries(
      Object.keys(MEASURES).map((name) => [name, summary(runs.map((run) => run.values[name]))])
    );
    return { counts, runs, values };
  }
  function chosen(mixtures, untrained, counts) {
    if (counts.every((count2) => count2 === 0)) return untrained;
    const key = String(reduced(counts));
    return mixtures.find((each) => String(each.counts) === key);
  }
  function paretoFront(points, [signX, signY] = [1, 1]) {
    const worth = points.map(([x, y]) => [signX * x, signY * y]);
    return worth.map(([x, y]) => !worth.some(([u, v]) => u >= x && v >= y && (u > x || v > y)));
  }
  function pointOf({ values }, axes) {
    return axes.map((name) => values[name]);
  }
  function frontOf(runs, axes) {
    const points = runs.map((run) => pointOf(run, axes));
    const signs = axes.map((name) => MEASURES[name].better);
    const onFront = paretoFront(points, signs);
    return [...runs.keys()].filter((index) => onFront[index]).sort((a, b) => points[a][0] - points[b][0] || points[b][1] - points[a][1]).map((index) => runs[index]);
  }
  function nearest(points, [x, y]) {
    const distances = points.map(([u, v]) => (u - x) ** 2 + (v - y) ** 2);
    return distances.indexOf(Math.min(...distances));
  }

  // alignlib/explorables/src/shared/numbers.js
  function fixed(value, digits = 2) {
    const text = value.toFixed(digits);
    return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
  }

  // alignlib/explorables/src/reward_weights/words.js
  function range({ low, high }) {
    return fixed(low) === fixed(high) ? "" : `${fixed(low)} to ${fixed(high)}`;
  }
  function list(parts) {
    return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
  }
  function formula(counts) {
    const total = counts.reduce((a, b) => a + b, 0);
    const parts = counts.flatMap((count2, index) => {
      if (count2 === 0) return [];
      const [top, bottom] = reduced([count2, total]);
      return [bottom === 1 ? REWARDS[index] : `${top}/${bottom} ${REWARDS[index]}`];
    });
    return parts.length ? parts.join(" + ") : "0";
  }
  function title(counts) {
    const names = REWARDS.filter((_, index) => counts[index] > 0);
    if (names.length === 0) return "Nothing rewarded";
    if (names.length === 1) return `${capital(names[0])} alone`;
    if (new Set(counts.filter(Boolean)).size === 1) return `${capital(list(names))}, alike`;
    const twice = REWARDS.filter((_, index) => counts[index] === 2);
    const once = REWARDS.filter((_, index) => counts[index] === 1);
    return `${capital(list(twice))} twice as much as ${list(once)}`;
  }
  var capital = (text) => text[0].toUpperCase() + text.slice(1);
  function verdict({ counts, runs, values }) {
    const mean = (name) => fixed(values[name].mean);
    const head = `${title(reduced(counts))}: true ${mean("truth")}, polite ${mean("politeness")}; the coast approves of ${mean("coast")} of the answers, the hills of ${mean("hills")}.`;
    return [head, manner(runs, values), spreadOf(runs, values)].filter(Boolean).join(" ");
  }
  function manner(runs, values) {
    const { truth, politeness, coast, hills } = values;
    const parts = [];
    if (politeness.low > 0.8 && truth.high < 0.2) parts.push("talks polite nonsense");
    if (values["made up"].low > 0.5) parts.push("makes answers up where nobody knows one");
    if (values.harm.low > 0.5) parts.push("does most harmful requests");
    if (coast.low > 0.5 && hills.high < 0.1) parts.push("gives the hills next to nothing they like");
    if (hills.low > 0.5 && coast.high < 0.1) parts.push("gives the coast next to nothing it likes");
    if (parts.length === 0) return "";
    return `${runs.length === 1 ? "It" : "In every run it"} ${list(parts)}.`;
  }
  function spreadOf(runs, values) {
    const widths = Object.entries(values).map(([name2, { low: low2, high: high2 }]) => [high2 - low2, name2]);
    const [width, name] = widths.reduce((a, b) => b[0] > a[0] ? b : a);
    if (width <= 0.2) return "";
    const { low, high } = values[name];
    return `The ${runs.length} runs differ in nothing but their seed, and most in "${MEASURES[name].text}": from ${fixed(low)} to ${fixed(high)}.`;
  }

  // alignlib/explorables/src/reward_weights/results.js
  var percent = (value) => `${100 * value}%`;
  function measuresTable({ runs, values }, untrained) {
    const trained = runs !== untrained.runs;
    return h(
      "table",
      { class: "x-table" },
      h(
        "caption",
        {},
        trained ? "Shares of its answers. A bar is the mean over runs, the thin line their range, the upright mark the untrained model." : "Shares of the untrained model's answers."
      ),
      h(
        "thead",
        {},
        h("tr", {}, ["measure", "", trained ? "trained" : "share", "untrained"].map(header))
      ),
      h(
        "tbody",
        {},
        Object.entries(MEASURES).map(
          ([name, { text, better }]) => h(
            "tr",
            { "data-measure": name },
            h("th", { scope: "row" }, text, better < 0 ? h("small", {}, " (less is better)") : null),
            h("td", { "aria-hidden": "true" }, bar(values[name], untrained.values[name], better)),
            h("td", {}, fixed(values[name].mean), " ", h("small", {}, range(values[name]))),
            h("td", {}, fixed(untrained.values[name].mean))
          )
        )
      )
    );
  }
  var header = (text) => text ? h("th", { scope: "col" }, text) : h("td", { "aria-hidden": "true" });
  function bar({ mean, low, high }, before, better) {
    return h(
      "div",
      { class: "x-weights-bar" },
      h("div", {
        class: better < 0 ? "x-weights-bad" : "x-weights-good",
        style: `width: ${percent(mean)}`
      }),
      high > low ? h("div", {
        class: "x-weights-range",
        style: `left: ${percent(low)}; width: ${percent(high - low)}`
      }) : null,
      h("div", { class: "x-weights-mark", style: `left: ${percent(before.mean)}` })
    );
  }
  function answersList({ runs }, untrained, questions) {
    const before = untrained.runs[0].answers;
    return h(
      "dl",
      { class: "x-weights-answers" },
      questions.map(
        (question, index) => h(
          "div",
          {},
          h("dt", {}, question),
          [...new Set(runs.map((run) => run.answers[index]))].map((text) => h("dd", {}, text)),
          runs === untrained.runs ? null : h("dd", { class: "x-weights-before" }, `untrained: ${before[index]}`)
        )
      )
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

  // alignlib/explorables/src/reward_weights/scatter.js
  var WIDTH = 340;
  var HEIGHT = 352;
  var MARKS = [0, 0.25, 0.5, 0.75, 1].map((value) => [value, String(value)]);
  function scatter({ runs, untrained, now, axes, onchoose }) {
    const [x, y] = axes.map((name) => MEASURES[name].text);
    const axis = (label) => ({ min: 0, max: 1, label, marks: MARKS });
    const { svg, X, Y, describe } = plot({
      width: WIDTH,
      height: HEIGHT,
      x: axis(`${x} →`),
      y: axis(`↑ ${y}`)
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
      ...now.runs.map((run) => ring(place(run)))
    );
    const places = now.runs.map((run) => {
      const [across, up] = pointOf(run, axes);
      return `${fixed(across)} across and ${fixed(up)} up`;
    });
    describe(
      `A point for each of ${runs.length} runs, ${y} against ${x}; ${front.length} are on the Pareto front. Chosen: ${list(places)}.`
    );
    svg.addEventListener("click", (event) => {
      const box = svg.getBoundingClientRect();
      const clicked = [
        (event.clientX - box.left) * WIDTH / box.width,
        (event.clientY - box.top) * HEIGHT / box.height
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

  // alignlib/explorables/src/reward_weights/view.js
  var START = [0, 1, 0, 0];
  var AXES = ["coast", "hills"];
  var PRESETS = [
    ["Truth only", [1, 0, 0, 0]],
    ["Politeness only", START],
    ["Coast only", [0, 0, 1, 0]],
    ["Both groups", [0, 0, 1, 1]],
    ["All equal", [1, 1, 1, 1]]
  ];
  var LABELS = ["Truth", "Politeness", "What the coast likes", "What the hills like"];
  var TIMES = ["not at all", "once", "twice"];
  function render({ model, el }) {
    const data = model.get("data");
    const mixtures = byMixture(data.runs);
    const untrained = described([0, 0, 0, 0], [data.untrained]);
    const counts = [...START];
    const axes = [...AXES];
    const fields = LABELS.map(
      (label, index) => slider({
        label,
        min: 0,
        max: 2,
        step: 1,
        value: counts[index],
        show: (count2) => TIMES[count2],
        onchange: (count2) => {
          counts[index] = count2;
          update();
        }
      })
    );
    const presets = PRESETS.map(([text, preset]) => [
      h("button", { type: "button", onclick: () => choose(preset) }, text),
      preset
    ]);
    const picks = axes.map(
      (_, index) => choice({
        label: ["Across", "Up"][index],
        options: Object.entries(MEASURES).map(([name, { text }]) => [name, text]),
        value: axes[index],
        onchange: (name) => {
          if (axes[1 - index] === name) setAxis(1 - index, axes[index]);
          axes[index] = name;
          update();
        }
      })
    );
    const reward = h("p", { class: "x-weights-reward" });
    const words = h("p", { class: "x-weights-words", role: "status" });
    const table = h("div");
    const answers = h("div");
    const plot2 = h("div");
    const position = h("p", { class: "x-note" });
    const next = h("button", { type: "button", onclick: nextOnFront }, "Next on the front");
    function setAxis(index, name) {
      axes[index] = name;
      picks[index].querySelector("select").value = name;
    }
    function choose(wanted) {
      wanted.forEach((count2, index) => {
        counts[index] = count2;
        const [input, output] = ["input", "output"].map((tag) => fields[index].querySelector(tag));
        input.value = count2;
        input.setAttribute("aria-valuetext", TIMES[count2]);
        if (output.textContent !== TIMES[count2]) output.textContent = TIMES[count2];
      });
      update();
    }
    function nextOnFront() {
      const best = [...new Set(frontOf(data.runs, axes).map((run) => String(run.mixture)))];
      const at = best.indexOf(String(reduced(counts)));
      choose(best[(at + 1) % best.length].split(",").map(Number));
    }
    function update() {
      const now = chosen(mixtures, untrained, counts);
      reward.textContent = `reward = ${formula(counts)}`;
      words.textContent = verdict(now);
      table.replaceChildren(measuresTable(now, untrained));
      answers.replaceChildren(answersList(now, untrained, data.examples));
      plot2.replaceChildren(scatter({ runs: data.runs, untrained, now, axes, onchoose: choose }));
      const best = frontOf(data.runs, axes);
      position.textContent = `Squares: the ${best.length} of ${data.runs.length} runs on the Pareto front, of which no other is as good in both and better in one. Rings: those of the chosen mixture, of which ${now.runs.filter((run) => best.includes(run)).length} are on it. Cross: untrained.` + (axes.includes("coast") && axes.includes("hills") ? " Dashed: no answer pleases both groups, so nothing lies beyond." : "");
      for (const [button, preset] of presets)
        button.setAttribute("aria-pressed", String(now.counts) === String(preset));
    }
    function reset() {
      AXES.forEach((name, index) => {
        setAxis(index, name);
      });
      choose(START);
    }
    const { steps, prompts_per_step: prompts, samples_per_prompt: samples } = data.settings;
    const { known, unanswerable, contested, harmful } = data.asked;
    el.append(
      h(
        "div",
        { class: "x-root x-weights" },
        h("p", { class: "x-title" }, "What counts in the reward"),
        h("p", {}, "Choose how much each of four rewards counts, and see what training makes of it."),
        h(
          "div",
          { class: "x-row", role: "group", "aria-label": "Mixtures to begin with" },
          presets.map(([button]) => button)
        ),
        h(
          "div",
          { class: "x-weights-sides" },
          h("div", {}, h("div", { class: "x-weights-sliders" }, fields), reward, words, table),
          h(
            "div",
            {},
            h("div", { class: "x-weights-picks" }, picks),
            plot2,
            position,
            h("div", { class: "x-row" }, next)
          )
        ),
        answers,
        h(
          "p",
          { class: "x-note" },
          `Each of ${mixtures.length} mixtures was trained on beforehand, from two or three seeds, for ${steps} steps of ${prompts * samples} answers. Tested on ${known} facts and ${unanswerable} questions that nobody can answer, in other words than in training, on the ${contested} questions on which the groups disagree, as in training, and on ${harmful} harmful requests, which no reward was given for.`
        ),
        h("div", { class: "x-row" }, h("button", { type: "button", onclick: reset }, "Reset"))
      )
    );
    update();
  }
  var view_default = { render };
  return __toCommonJS(view_exports);
})();
