// grad p = p * grad log p, for a few outcomes and one parameter.

import { draw } from "../shared/random.js";

// Each outcome's logit is theta times its slope. For every outcome: p, its gradient by theta, the
// score grad log p; and what they sum to.
export function trick(theta, { slopes, rewards }) {
  const powers = slopes.map((slope) => Math.exp(theta * slope));
  const p = powers.map((power) => power / sum(powers));
  const meanSlope = dot(p, slopes);
  const score = slopes.map((slope) => slope - meanSlope);
  const gradP = p.map((value, x) => value * score[x]);
  const weighted = score.map((value, x) => rewards[x] * value);
  const gradJ = dot(rewards, gradP);
  return {
    theta,
    p,
    gradP,
    score,
    weightedGradP: gradP.map((value, x) => rewards[x] * value),
    weightedScore: weighted,
    J: dot(p, rewards),
    gradJ, // the sum that can't be sampled
    sumGradP: sum(gradP),
    meanScore: dot(p, score),
    meanWeightedScore: dot(p, weighted), // the expectation that can
    deviation: Math.sqrt(
      dot(
        p,
        weighted.map((value) => (value - gradJ) ** 2),
      ),
    ),
  };
}

// The same outcomes, all with the reward 1 if that is the weight; then E[r grad log p] is 0.
export function weighed(data, weight) {
  return weight === "1" ? { ...data, rewards: data.rewards.map(() => 1) } : data;
}

export const MOST = 100_000; // draws

export function noDraws(outcomes) {
  return { n: 0, total: 0, counts: Array(outcomes).fill(0), darts: [], path: [] };
}

// The draws so far and `count` more from p, to at most MOST. A dart falls on the unit interval, which the outcomes
// share out, each as wide as its p; the value of a draw is r(x) grad log p(x).
export function drawMore({ p, weightedScore }, draws, count, random) {
  let { n, total } = draws;
  const counts = [...draws.counts];
  const path = [...draws.path];
  const darts = [];
  const end = Math.min(n + count, MOST);
  while (n < end) {
    const dart = random();
    const x = draw(p, () => dart);
    darts.push(dart);
    counts[x] += 1;
    total += weightedScore[x];
    n += 1;
    if (n === end || n < 100 || n >= 1.02 * path.at(-1)[0]) path.push([n, total / n]);
  }
  return { n, total, counts, darts, path };
}

// The least and the most that values(theta) reaches between two thetas.
export function bounds(values, from, to, steps = 60) {
  const all = Array.from({ length: steps + 1 }, (_, i) => values(from + ((to - from) * i) / steps));
  return [Math.min(...all.flat()), Math.max(...all.flat())];
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const dot = (a, b) => a.reduce((total, value, index) => total + value * b[index], 0);
