import { checkbox, choice, h, reducedMotion } from "../shared/dom.js";
import { fixed, number } from "../shared/numbers.js";
import { key } from "./key.js";
import { plane } from "./plane.js";
import { progress } from "./progress.js";
import { Session } from "./session.js";
import { policyTable, samplesTable, varianceTable } from "./tables.js";
import { changed, estimated, paused } from "./words.js";

const PAUSE = 300; // milliseconds between the steps of a run
const LONGEST = 300; // steps of a run
const MANY = 200;
const AT_ONCE = 20;

function render({ model, el }) {
  const { worlds, seed } = model.get("data");
  const start = { world: 0, N: 8, baseline: false, toGo: false };
  let session;
  let timer = null;
  let ran = 0; // steps of this run

  const fields = h("div", { class: "x-row" });
  const [picture, chart, numbers, variances, samples] = Array.from({ length: 5 }, () => h("div"));
  const keys = h("div");
  const said = h("p", { class: "x-note", role: "status" });
  const reached = h("p", { class: "x-note" });
  const runLabel = () => (reducedMotion() ? `Run ${AT_ONCE} steps` : "Run");
  const button = (label, onclick) => h("button", { type: "button", onclick }, label);
  const run = button(runLabel(), toggle);

  function open(world, settings, words = "") {
    stop();
    session = new Session(worlds[world], { seed, alpha: worlds[world].alpha, ...settings });
    fields.replaceChildren(...controls(world));
    keys.replaceChildren(key(worlds[world]));
    say(`${words}${session.N} samples are drawn.`);
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
      ".",
    );
  }

  function controls(world) {
    const option =
      (name, parse = (value) => value) =>
      (value) => {
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
        },
      }),
      choice({
        label: "Samples N",
        options: numbersOf([2, 4, 8, 16, 32]),
        value: String(session.N),
        onchange: option("N", Number),
      }),
      choice({
        label: "Step size α",
        options: numbersOf([0.1, 0.3, 1, 2, 5]),
        value: String(session.alpha),
        onchange: option("alpha", Number),
      }),
      checkbox({
        label: "Baseline: leave one out",
        checked: session.baseline,
        onchange: option("baseline"),
      }),
      session.world.horizon > 1 &&
        checkbox({ label: "Reward-to-go", checked: session.toGo, onchange: option("toGo") }),
    ].filter(Boolean);
  }

  const settings = () => ({ N: session.N, baseline: session.baseline, toGo: session.toGo });

  function sample() {
    stop();
    session.forget();
    session.sample();
    say(`${session.N} new samples.`);
  }

  function step(count = 1) {
    const before = session.J;
    for (let i = 0; i < count; i += 1) session.step();
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
        "The dot is the policy. Each sample pushes it; the mean of the pushes is the step. " +
          "Press Step a few times, then try the baseline.",
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
        button("Reset", () => open(start.world, start)),
      ),
      said,
      h(
        "div",
        { class: "x-pg-parts" },
        h("div", {}, picture, keys),
        h("div", {}, numbers, variances, chart, reached),
      ),
      h("details", {}, h("summary", {}, "The samples in numbers"), samples),
    ),
  );
  open(start.world, start);
  return stop;
}

export default { render };
