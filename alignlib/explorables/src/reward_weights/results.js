// What a trained model does: a bar for each measure, and its answers.

import { h } from "../shared/dom.js";
import { fixed } from "../shared/numbers.js";
import { MEASURES } from "./mixtures.js";
import { range } from "./words.js";

const percent = (value) => `${100 * value}%`;

// The measures as a table, with the untrained model's value as a mark across each bar.
export function measuresTable({ runs, values }, untrained) {
  const trained = runs !== untrained.runs;
  return h(
    "table",
    { class: "x-table" },
    h(
      "caption",
      {},
      trained
        ? "Shares of its answers. A bar is the mean over runs, the thin line their range, the " +
            "upright mark the untrained model."
        : "Shares of the untrained model's answers.",
    ),
    h(
      "thead",
      {},
      h("tr", {}, ["measure", "", trained ? "trained" : "share", "untrained"].map(header)),
    ),
    h(
      "tbody",
      {},
      Object.entries(MEASURES).map(([name, { text, better }]) =>
        h(
          "tr",
          { "data-measure": name },
          h("th", { scope: "row" }, text, better < 0 ? h("small", {}, " (less is better)") : null),
          h("td", { "aria-hidden": "true" }, bar(values[name], untrained.values[name], better)),
          h("td", {}, fixed(values[name].mean), " ", h("small", {}, range(values[name]))),
          h("td", {}, fixed(untrained.values[name].mean)),
        ),
      ),
    ),
  );
}

const header = (text) =>
  text ? h("th", { scope: "col" }, text) : h("td", { "aria-hidden": "true" });

function bar({ mean, low, high }, before, better) {
  return h(
    "div",
    { class: "x-weights-bar" },
    h("div", {
      class: better < 0 ? "x-weights-bad" : "x-weights-good",
      style: `width: ${percent(mean)}`,
    }),
    high > low
      ? h("div", {
          class: "x-weights-range",
          style: `left: ${percent(low)}; width: ${percent(high - low)}`,
        })
      : null,
    h("div", { class: "x-weights-mark", style: `left: ${percent(before.mean)}` }),
  );
}

// Each question with the answers of all runs, such as differ, and the untrained model's.
export function answersList({ runs }, untrained, questions) {
  const before = untrained.runs[0].answers;
  return h(
    "dl",
    { class: "x-weights-answers" },
    questions.map((question, index) =>
      h(
        "div",
        {},
        h("dt", {}, question),
        [...new Set(runs.map((run) => run.answers[index]))].map((text) => h("dd", {}, text)),
        runs === untrained.runs
          ? null
          : h("dd", { class: "x-weights-before" }, `untrained: ${before[index]}`),
      ),
    ),
  );
}
