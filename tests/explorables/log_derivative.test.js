import assert from "node:assert/strict";
import { test } from "node:test";
import {
  drawMore,
  MOST,
  noDraws,
  trick,
  weighed,
} from "../../alignlib/explorables/src/log_derivative/trick.js";
import { drawn, marks } from "../../alignlib/explorables/src/log_derivative/words.js";
import { generator } from "../../alignlib/explorables/src/shared/random.js";

const data = { slopes: [-1, 0, 1], rewards: [1, 3, 2] };
const near = (a, b, within = 1e-12) => assert.ok(Math.abs(a - b) <= within, `${a} is not ${b}`);

test("at theta = 0 all is as worked out by hand", () => {
  const { p, score, gradP, J, gradJ, deviation } = trick(0, data);
  for (const value of p) near(value, 1 / 3);
  assert.deepEqual(score, [-1, 0, 1]);
  near(gradP[0], -1 / 3);
  near(gradP[2], 1 / 3);
  near(J, 2);
  near(gradJ, 1 / 3); // (2 - 1) / 3
  near(deviation ** 2, (1 + 0 + 4) / 3 - 1 / 9);
});

test("the gradients are the finite differences, and the sums are what they should be", () => {
  const step = 1e-5;
  for (const theta of [-3, -1, 0.4, 2.5]) {
    const here = trick(theta, data);
    const [before, after] = [trick(theta - step, data), trick(theta + step, data)];
    here.p.forEach((p, x) => {
      near(here.gradP[x], (after.p[x] - before.p[x]) / (2 * step), 1e-9);
      near(here.score[x], (Math.log(after.p[x]) - Math.log(before.p[x])) / (2 * step), 1e-9);
      near(here.gradP[x], p * here.score[x]);
    });
    near(here.gradJ, (after.J - before.J) / (2 * step), 1e-9);
    near(here.sumGradP, 0);
    near(here.meanScore, 0);
    near(here.meanWeightedScore, here.gradJ);
  }
});

test("a reward that is the same for all has no gradient", () => {
  near(trick(0.7, { ...data, rewards: [5, 5, 5] }).gradJ, 0);
});

test("the average of the draws approaches the gradient, and repeats for a seed", () => {
  const state = trick(-1, data);
  const draws = drawMore(state, noDraws(3), 20_000, generator(5));
  near(draws.total / draws.n, state.gradJ, (4 * state.deviation) / Math.sqrt(draws.n));
  assert.equal(
    draws.counts.reduce((a, b) => a + b),
    20_000,
  );
  for (const [x, count] of draws.counts.entries()) near(count / 20_000, state.p[x], 0.015);
  assert.deepEqual(drawMore(state, noDraws(3), 20_000, generator(5)), draws);
});

test("with the weight 1 the draws have the height of the score, and approach 0", () => {
  const state = trick(-1, weighed(data, "1"));
  assert.deepEqual(state.weightedScore, trick(-1, data).score);
  near(state.gradJ, 0);
  const draws = drawMore(state, noDraws(3), 20_000, generator(5));
  near(draws.total / draws.n, 0, (4 * state.deviation) / Math.sqrt(draws.n));
  assert.equal(weighed(data, "R"), data);
});

test("no more is drawn than the plot holds, and the status says so", () => {
  const state = trick(-1, data);
  const random = generator(5);
  const almost = drawMore(state, noDraws(3), MOST - 30, random);
  const names = ["no", "maybe", "yes"];
  assert.match(drawn(almost, names, "+0.3", "+0.3", MOST), /^99,970 drawn: .*\+0\.3\.$/);
  const all = drawMore(state, almost, 100, random);
  assert.equal(all.n, MOST);
  assert.equal(all.darts.length, 30);
  assert.match(drawn(all, names, "+0.3", "+0.3", MOST), /^100,000 drawn.*plot ends here/);
  assert.deepEqual(marks(10 * MOST).at(-1), [MOST, "10⁵"]);
});

test("draws add up, whether they come one by one or at once", () => {
  const state = trick(0.5, data);
  const random = generator(1);
  let single = noDraws(3);
  for (let i = 0; i < 150; i += 1) single = drawMore(state, single, 1, random);
  const atOnce = drawMore(state, noDraws(3), 150, generator(1));
  assert.deepEqual(single.counts, atOnce.counts);
  near(single.total, atOnce.total);
  assert.deepEqual(single.path.at(-1), atOnce.path.at(-1));
});
