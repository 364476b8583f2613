// Numbers as people write them.

import { h } from "./dom.js";

// With a real minus sign, and no minus before a zero.
export function fixed(value, digits = 2) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212");
}

// The same with a plus before what is positive.
export function signed(value, digits = 2) {
  return Number(value.toFixed(digits)) > 0 ? `+${fixed(value, digits)}` : fixed(value, digits);
}

// A number on the page, which keeps the digits that it does not show. `key` names it.
export function number(value, { digits = 2, key = null, show = fixed } = {}) {
  return h("data", { value, "data-key": key }, show(value, digits));
}
