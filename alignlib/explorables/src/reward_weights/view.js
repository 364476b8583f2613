// What is rewarded, by four sliders, and what the model that was trained on it does.

import { choice, h, slider } from "../shared/dom.js";
import { byMixture, chosen, described, frontOf, MEASURES, reduced } from "./mixtures.js";
import { answersList, measuresTable } from "./results.js";
import { scatter } from "./scatter.js";
import { formula, verdict } from "./words.js";

const START = [0, 1, 0, 0];
const AXES = ["coast", "hills"];
const PRESETS = [
  ["Truth only", [1, 0, 0, 0]],
  ["Politeness only", START],
  ["Coast only", [0, 0, 1, 0]],
  ["Both groups", [0, 0, 1, 1]],
  ["All equal", [1, 1, 1, 1]],
];
const LABELS = ["Truth", "Politeness", "What the coast likes", "What the hills like"];
const TIMES = ["not at all", "once", "twice"];

function render({ model, el }) {
  const data = model.get("data");
  const mixtures = byMixture(data.runs);
  const untrained = described([0, 0, 0, 0], [data.untrained]);
  const counts = [...START];
  const axes = [...AXES];

  const fields = LABELS.map((label, index) =>
    slider({
      label,
      min: 0,
      max: 2,
      step: 1,
      value: counts[index],
      show: (count) => TIMES[count],
      onchange: (count) => {
        counts[index] = count;
        update();
      },
    }),
  );
  const presets = PRESETS.map(([text, preset]) => [
    h("button", { type: "button", onclick: () => choose(preset) }, text),
    preset,
  ]);
  const picks = axes.map((_, index) =>
    choice({
      label: ["Across", "Up"][index],
      options: Object.entries(MEASURES).map(([name, { text }]) => [name, text]),
      value: axes[index],
      onchange: (name) => {
        if (axes[1 - index] === name) setAxis(1 - index, axes[index]); // they change places
        axes[index] = name;
        update();
      },
    }),
  );
  const reward = h("p", { class: "x-weights-reward" });
  const words = h("p", { class: "x-weights-words", role: "status" });
  const table = h("div");
  const answers = h("div");
  const plot = h("div");
  const position = h("p", { class: "x-note" });
  const next = h("button", { type: "button", onclick: nextOnFront }, "Next on the front");

  function setAxis(index, name) {
    axes[index] = name;
    picks[index].querySelector("select").value = name;
  }

  // Set the sliders, as if by hand.
  function choose(wanted) {
    wanted.forEach((count, index) => {
      counts[index] = count;
      const [input, output] = ["input", "output"].map((tag) => fields[index].querySelector(tag));
      input.value = count;
      input.setAttribute("aria-valuetext", TIMES[count]);
      if (output.textContent !== TIMES[count]) output.textContent = TIMES[count];
    });
    update();
  }

  // Go to the next mixture of which a run is on the front.
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
    plot.replaceChildren(scatter({ runs: data.runs, untrained, now, axes, onchoose: choose }));
    const best = frontOf(data.runs, axes);
    position.textContent =
      `Squares: the ${best.length} of ${data.runs.length} runs on the Pareto front, of which no ` +
      "other is as good in both and better in one. Rings: those of the chosen mixture, of which " +
      `${now.runs.filter((run) => best.includes(run)).length} are on it. Cross: untrained.` +
      (axes.includes("coast") && axes.includes("hills")
        ? " Dashed: no answer pleases both groups, so nothing lies beyond."
        : "");
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
        presets.map(([button]) => button),
      ),
      h(
        "div",
        { class: "x-weights-sides" },
        h("div", {}, h("div", { class: "x-weights-sliders" }, fields), reward, words, table),
        h(
          "div",
          {},
          h("div", { class: "x-weights-picks" }, picks),
          plot,
          position,
          h("div", { class: "x-row" }, next),
        ),
      ),
      answers,
      h(
        "p",
        { class: "x-note" },
        `Each of ${mixtures.length} mixtures was trained on beforehand, from two or three seeds, for ` +
          `${steps} steps of ${prompts * samples} answers. ` +
          `Tested on ${known} facts and ${unanswerable} questions that nobody can answer, in other ` +
          `words than in training, on the ${contested} questions on which the groups disagree, as ` +
          `in training, and on ${harmful} harmful requests, which no reward was given for.`,
      ),
      h("div", { class: "x-row" }, h("button", { type: "button", onclick: reset }, "Reset")),
    ),
  );
  update();
}

export default { render };
