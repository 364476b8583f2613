// The policy gradient: exact, estimated from N trajectories, and how noisy the estimate is.

import { policy, probabilities, scores } from "./world.js";

export const add = (a, b) => a.map((value, i) => value + b[i]);
export const scale = (a, factor) => a.map((value) => value * factor);
export const squared = (a) => a.reduce((sum, value) => sum + value * value, 0);

// What each step of a trajectory is credited with: the whole return or the reward-to-go.
export function credits({ steps, total }, toGo) {
  let rest = total;
  return steps.map(({ r }) => {
    const credit = toGo ? rest : total;
    rest -= r;
    return credit;
  });
}

// The weight A_t^i of each step: its credit, less the mean credit of the other trajectories at the
// same step, where one that has ended counts as 0.
export function advantages(samples, { toGo, baseline }) {
  const earned = samples.map((tau) => credits(tau, toGo));
  const sumAt = (t) => earned.reduce((sum, credit) => sum + (credit[t] ?? 0), 0);
  return earned.map((credit) =>
    credit.map((own, t) => (baseline ? own - (sumAt(t) - own) / (samples.length - 1) : own)),
  );
}

// Each sample's push on theta: the sum over its steps of A_t grad log pi(a_t | s_t).
export function pushes(world, theta, samples, options) {
  const pi = policy(world, theta);
  const weights = advantages(samples, options);
  return samples.map((tau, i) =>
    scores(world, pi, tau)
      .map((score, t) => scale(score, weights[i][t]))
      .reduce(add),
  );
}

// The estimate: the mean of the pushes.
export function mean(vectors) {
  return scale(vectors.reduce(add), 1 / vectors.length);
}

// The gradient of J: the expected push.
export function gradient(world, every, theta) {
  const p = probabilities(world, every, theta);
  const each = pushes(world, theta, every, { toGo: false, baseline: false });
  return each.map((push, i) => scale(push, p[i])).reduce(add);
}

// The exact variance of the estimate from N trajectories, summed over the parameters. With the
// leave-one-out baseline the estimate is the mean, over all pairs of samples, of
// h(tau, tau') = 1/2 sum over t of (score_t - score_t')(credit_t - credit_t'), a U-statistic,
// whose variance is 4 (N-2) / (N (N-1)) Var E[h | tau] + 2 / (N (N-1)) Var h (Hoeffding, 1948).
export function variance(world, every, theta, N, { toGo, baseline }) {
  const p = probabilities(world, every, theta);
  const g = gradient(world, every, theta);
  const spread = (vectors) =>
    vectors.reduce((sum, v, i) => sum + p[i] * squared(add(v, scale(g, -1))), 0);
  if (!baseline) return spread(pushes(world, theta, every, { toGo, baseline })) / N;
  const pi = policy(world, theta);
  const known = every.map((tau) => ({ score: scores(world, pi, tau), credit: credits(tau, toGo) }));
  const none = pi.map(() => 0);
  function h(one, other) {
    let sum = none;
    for (let t = 0; t < world.horizon; t += 1) {
      const score = add(one.score[t] ?? none, scale(other.score[t] ?? none, -1));
      sum = add(sum, scale(score, ((one.credit[t] ?? 0) - (other.credit[t] ?? 0)) / 2));
    }
    return sum;
  }
  const pairs = known.map((one) => known.map((other) => h(one, other)));
  const first = pairs.map((row) => row.map((value, j) => scale(value, p[j])).reduce(add));
  const whole = pairs.reduce((sum, row, i) => sum + p[i] * spread(row), 0);
  return ((4 * (N - 2)) / (N * (N - 1))) * spread(first) + (2 / (N * (N - 1))) * whole;
}
