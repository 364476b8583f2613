// What a mixture is called, and what came of it, in words.

import { fixed } from "../shared/numbers.js";
import { MEASURES, REWARDS, reduced } from "./mixtures.js";

// The range of the runs, where they differ: "0.88 to 0.94".
export function range({ low, high }) {
  return fixed(low) === fixed(high) ? "" : `${fixed(low)} to ${fixed(high)}`;
}

export function list(parts) {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

// The reward as a sum: "2/3 truth + 1/3 the coast".
export function formula(counts) {
  const total = counts.reduce((a, b) => a + b, 0);
  const parts = counts.flatMap((count, index) => {
    if (count === 0) return [];
    const [top, bottom] = reduced([count, total]);
    return [bottom === 1 ? REWARDS[index] : `${top}/${bottom} ${REWARDS[index]}`];
  });
  return parts.length ? parts.join(" + ") : "0";
}

export function title(counts) {
  const names = REWARDS.filter((_, index) => counts[index] > 0);
  if (names.length === 0) return "Nothing rewarded";
  if (names.length === 1) return `${capital(names[0])} alone`;
  if (new Set(counts.filter(Boolean)).size === 1) return `${capital(list(names))}, alike`;
  const twice = REWARDS.filter((_, index) => counts[index] === 2);
  const once = REWARDS.filter((_, index) => counts[index] === 1);
  return `${capital(list(twice))} twice as much as ${list(once)}`;
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

// What happened, in a few sentences that are read off the numbers.
export function verdict({ counts, runs, values }) {
  const mean = (name) => fixed(values[name].mean);
  const head =
    `${title(reduced(counts))}: true ${mean("truth")}, polite ${mean("politeness")}; ` +
    `the coast approves of ${mean("coast")} of the answers, the hills of ${mean("hills")}.`;
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

// The measure that chance decides most, where the runs are more than 0.2 apart.
function spreadOf(runs, values) {
  const widths = Object.entries(values).map(([name, { low, high }]) => [high - low, name]);
  const [width, name] = widths.reduce((a, b) => (b[0] > a[0] ? b : a));
  if (width <= 0.2) return "";
  const { low, high } = values[name];
  return (
    `The ${runs.length} runs differ in nothing but their seed, and most in ` +
    `"${MEASURES[name].text}": from ${fixed(low)} to ${fixed(high)}.`
  );
}
