// One model's answer: its text, each token underlined by its probability, and the numbers.

import { chance, ENDS } from "../lm/words.js";
import { h } from "../shared/dom.js";
import { whole } from "./ask.js";
import { isRight } from "./verdict.js";

export function card(way) {
  const text = h("p", { class: "x-lm-said" });
  const verdict = h("span", { class: "x-lm-verdict" });
  const number = h("span", { class: "x-lm-number" });
  const table = h("tbody");
  const details = h(
    "details",
    { hidden: true },
    h("summary", {}, "Token by token"),
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h("tr", {}, h("th", { scope: "col" }, "token"), h("th", { scope: "col" }, "probability")),
      ),
      table,
    ),
  );
  const about = h("span", { class: "x-lm-about" }, way.about);
  const element = h(
    "li",
    { class: "x-lm-card", "data-way": way.name },
    h("p", { class: "x-lm-name" }, h("strong", {}, way.name), about),
    text,
    h("p", { class: "x-lm-line" }, verdict, number),
    details,
  );

  function wait(words) {
    text.replaceChildren(h("em", {}, words));
    number.textContent = "";
    verdict.textContent = "";
    details.hidden = true;
  }

  function show({ tokens, text: said, done, problem }, example) {
    if (problem) {
      wait(problem);
      return;
    }
    text.replaceChildren(...tokens.filter((each) => !each.ends).map(underlined));
    if (!done) return;
    number.textContent = `probability ${chance(whole(tokens))}`;
    mark(verdict, example ? isRight(example, said) : null);
    table.replaceChildren(...tokens.map(row));
    details.hidden = false;
  }

  return { element, about, wait, show };
}

function underlined({ text, probability }) {
  return h("span", { style: `--x-p: ${probability.toFixed(3)}` }, text);
}

function mark(verdict, right) {
  verdict.textContent = right === null ? "" : right ? "✓ right" : "✗ not right";
  verdict.dataset.right = String(right);
}

function row({ text, probability, ends }) {
  const token = ends ? h("em", {}, ENDS) : text.trim() || "(space)";
  return h("tr", {}, h("td", {}, token), h("td", {}, chance(probability)));
}
