// What the plane's marks mean.

import { h } from "../shared/dom.js";

export function key({ zoom }) {
  const items = [
    ["x-pg-key-push", "one sample's push; 4×: of four samples"],
    ["x-pg-key-mean", "their mean ĝ; a step is α times that"],
    ["x-pg-key-exact", "the exact gradient ∇J"],
    ["x-pg-key-without", "estimates, no baseline; large: their mean"],
    ["x-pg-key-with", "estimates, leave one out; large: their mean"],
  ];
  return h(
    "ul",
    { class: "x-note x-pg-key" },
    items.map(([name, text]) =>
      h("li", {}, h("span", { class: name, "aria-hidden": "true" }), text),
    ),
    h("li", {}, "Curves join policies of the same J; the thicker, the higher."),
    zoom > 1 ? h("li", {}, `Arrows are drawn ${zoom} times as long.`) : null,
  );
}
