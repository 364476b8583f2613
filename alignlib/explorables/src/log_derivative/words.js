// What the page says for each weight of the outcomes.

export const separated = (n) => n.toLocaleString("en");

export const WORDS = {
  R: {
    height: "r(x) ∇ log p(x)",
    area: "each one's area is r ∇p, since p ∇ log p = ∇p",
    row: "r ∇p(x)",
    exact: "the exact ∇J",
  },
  1: {
    height: "∇ log p(x)",
    area: "each one's area is p ∇ log p, which is ∇p",
    row: "∇p(x)",
    exact: "the exact 0, since the probabilities always sum to one",
  },
};

// The numbers on the axis of the draws, from 1 to a power of ten.
export function marks(most) {
  const short = ["1", "10", "100", "1000", "10⁴", "10⁵"];
  return short.map((text, power) => [10 ** power, text]).filter(([n]) => n <= most);
}

export function drawn(draws, outcomes, average, exact, most) {
  const counted = outcomes.map((name, x) => `${separated(draws.counts[x])} ${name}`).join(", ");
  const end = draws.n < most ? "" : " No more are drawn: the plot ends here.";
  return `${separated(draws.n)} drawn: ${counted}. Average ${average}, exact ${exact}.${end}`;
}
