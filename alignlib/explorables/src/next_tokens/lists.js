// The actions of a state and the path to it, as lists of buttons, and the path's probability.

import { chance } from "../lm/words.js";
import { h } from "../shared/dom.js";
import { fixed } from "../shared/numbers.js";
import { pathProbability } from "./tree.js";

// The likeliest actions, each with a button that takes it, and all others together.
export function optionItems({ actions, rest }, name, take) {
  const items = actions.map(({ token, probability }) =>
    h(
      "li",
      {},
      h("button", { type: "button", onclick: () => take(token) }, ...bar(name(token), probability)),
    ),
  );
  const others = `${rest.count.toLocaleString("en")} others together`;
  return [...items, h("li", { class: "x-nt-rest" }, ...bar(others, rest.probability))];
}

function bar(word, probability) {
  return [
    h("span", { class: "x-nt-word" }, word),
    h("span", {
      class: "x-nt-bar",
      style: `--x-p: ${probability.toFixed(4)}`,
      "aria-hidden": "true",
    }),
    h("span", { class: "x-nt-number" }, chance(probability)),
  ];
}

// The tokens taken, each with a button that goes back to before it.
export function pathItems(states, name, backTo) {
  return states.map(({ taken, probability }, t) => {
    const label = `Back to before “${name(taken)}”`;
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", onclick: () => backTo(t, `${label}.`), title: label },
        `${name(taken)} `,
        h("span", {}, chance(probability)),
      ),
    );
  });
}

export function totals(states) {
  if (states.length === 0) return ["Nothing is taken yet."];
  const { probability, logProbability } = pathProbability(states);
  const factors = states.length === 1 ? "1 token" : `${states.length} tokens`;
  return [
    `So far ${factors}: probability `,
    h("data", { value: probability, "data-key": "probability" }, chance(probability)),
    ", the product of those above; log-probability ",
    h("data", { value: logProbability, "data-key": "log-probability" }, fixed(logProbability, 3)),
    ", the sum of their logarithms.",
  ];
}
