import assert from "node:assert/strict";
import { test } from "node:test";
import { contour, grid } from "../../alignlib/explorables/src/policy_gradient/contours.js";
import {
  add,
  advantages,
  gradient,
  mean,
  pushes,
  scale,
  squared,
  variance,
} from "../../alignlib/explorables/src/policy_gradient/estimate.js";
import {
  around,
  atEdge,
  beyond,
  overlap,
  settle,
} from "../../alignlib/explorables/src/policy_gradient/labels.js";
import { Session } from "../../alignlib/explorables/src/policy_gradient/session.js";
import { changed, paused } from "../../alignlib/explorables/src/policy_gradient/words.js";
import {
  enumerate,
  expectedReturn,
  probabilities,
} from "../../alignlib/explorables/src/policy_gradient/world.js";

const replies = {
  states: ["asked", "done"],
  actions: ["rude", "vague", "right"],
  initial: [1, 0],
  transition: [0, 1].map(() => [0, 1, 2].map(() => [0, 1])),
  reward: [
    [1, 2, 3],
    [0, 0, 0],
  ],
  terminal: [false, true],
  horizon: 1,
  logits: [
    [0.6, 0.2, -0.8],
    [0, 0, 0],
  ],
};
const assistant = {
  states: ["unclear", "clear", "done"],
  actions: ["answer", "ask"],
  initial: [1, 0, 0],
  transition: [
    [
      [0, 0, 1],
      [0.2, 0.8, 0],
    ],
    [
      [0, 0, 1],
      [0, 1, 0],
    ],
    [
      [0, 0, 1],
      [0, 0, 1],
    ],
  ],
  reward: [
    [0.3, -0.1],
    [1, -0.1],
    [0, 0],
  ],
  terminal: [false, false, true],
  horizon: 3,
  logits: [
    [0.5, -0.5],
    [0.2, -0.3],
    [0, 0],
  ],
};
const ways = [false, true].flatMap((toGo) => [false, true].map((baseline) => ({ toGo, baseline })));
const near = (a, b, within = 1e-12) => assert.ok(Math.abs(a - b) <= within, `${a} is not ${b}`);

test("the assistant has the chapter's nine trajectories", () => {
  const every = enumerate(assistant);
  assert.equal(every.length, 9);
  const p = probabilities(assistant, every, assistant.logits.flat());
  near(
    p.reduce((a, b) => a + b),
    1,
  );
});

test("three replies: J and its gradient in closed form, p_a (r_a - J)", () => {
  const theta = replies.logits.flat();
  const every = enumerate(replies);
  const p = probabilities(replies, every, theta);
  const J = p[0] + 2 * p[1] + 3 * p[2];
  near(expectedReturn(replies, every, theta), J);
  const g = gradient(replies, every, theta);
  for (const [a, r] of [1, 2, 3].entries()) near(g[a], p[a] * (r - J));
});

test("the gradient is the finite difference of J", () => {
  const theta = assistant.logits.flat();
  const every = enumerate(assistant);
  const g = gradient(assistant, every, theta);
  theta.forEach((_, i) => {
    const moved = (by) => theta.map((value, j) => (i === j ? value + by : value));
    const rise =
      expectedReturn(assistant, every, moved(1e-5)) -
      expectedReturn(assistant, every, moved(-1e-5));
    near(g[i], rise / 2e-5, 1e-9);
  });
});

test("leave one out, by hand", () => {
  const [rude, vague, right] = enumerate(replies);
  const weights = advantages([rude, vague, right, right], { toGo: false, baseline: true });
  assert.deepEqual(
    weights.map(([weight]) => Number(weight.toFixed(9))),
    [1 - 8 / 3, 2 - 7 / 3, 3 - 2, 3 - 2].map((weight) => Number(weight.toFixed(9))),
  );
});

// Over all tuples of N trajectories: the estimate's mean and total variance.
function byEnumeration(world, N, options) {
  const theta = world.logits.flat();
  const every = enumerate(world);
  const p = probabilities(world, every, theta);
  let tuples = [{ samples: [], weight: 1 }];
  for (let i = 0; i < N; i += 1)
    tuples = tuples.flatMap(({ samples, weight }) =>
      every.map((tau, k) => ({ samples: [...samples, tau], weight: weight * p[k] })),
    );
  let [average, square] = [theta.map(() => 0), 0];
  for (const { samples, weight } of tuples) {
    const g = mean(pushes(world, theta, samples, options));
    average = add(average, scale(g, weight));
    square += weight * squared(g);
  }
  return { average, variance: square - squared(average) };
}

test("every estimator hits the gradient, and its variance is that of all N-tuples", () => {
  for (const [world, Ns] of [
    [replies, [2, 3, 5]],
    [assistant, [2, 3]],
  ])
    for (const N of Ns)
      for (const options of ways) {
        const theta = world.logits.flat();
        const every = enumerate(world);
        const found = byEnumeration(world, N, options);
        const exact = gradient(world, every, theta);
        for (const [i, value] of found.average.entries()) near(value, exact[i]);
        near(variance(world, every, theta, N, options), found.variance);
      }
});

test("the baseline lowers the variance, exact and seen, and the two agree", () => {
  const session = new Session(
    { ...replies, best: 3 },
    { seed: 7, N: 8, alpha: 1, baseline: false, toGo: false },
  );
  session.repeat(3000);
  for (const baseline of [false, true])
    near(session.seenVariance(baseline) / session.variance(baseline), 1, 0.1);
  assert.ok(session.variance(true) < 0.2 * session.variance(false));
});

test("a step moves by alpha times the mean push, and a reset repeats it", () => {
  const settings = { seed: 7, N: 4, alpha: 0.3, baseline: true, toGo: true };
  const session = new Session(assistant, settings);
  const run = () =>
    Array.from({ length: 30 }, () => {
      const expected = add(session.theta, scale(mean(session.pushes()), 0.3));
      session.step();
      assert.deepEqual(session.theta, expected);
      return session.J;
    });
  const first = run();
  session.reset();
  assert.deepEqual(run(), first);
  assert.ok(first.at(-1) > first[0]);
});

test("only another N, credit or policy drops the estimates", () => {
  const settings = { seed: 7, N: 8, alpha: 1, baseline: false, toGo: false };
  const session = new Session({ ...assistant, best: 1 }, settings);
  const estimated = () => session.clouds.map((cloud) => cloud.length);
  assert.equal(session.seenMean(true), null);
  session.repeat(200);
  const clouds = structuredClone(session.clouds);
  assert.equal(session.set("baseline", true), 0);
  assert.equal(session.set("alpha", 2), 0);
  assert.deepEqual(session.clouds, clouds);
  assert.equal(session.set("toGo", true), 200);
  assert.deepEqual(estimated(), [0, 0]);
  session.repeat(30);
  assert.equal(session.set("N", 16), 30);
  assert.deepEqual(estimated(), [0, 0]);
  assert.equal(session.samples.length, 16);
  session.repeat(10);
  session.step();
  assert.deepEqual(estimated(), [0, 0]);
});

test("the mean of each cloud is near the gradient", () => {
  const settings = { seed: 7, N: 8, alpha: 1, baseline: false, toGo: false };
  const session = new Session({ ...replies, best: 3 }, settings);
  session.repeat(2000);
  for (const baseline of [false, true]) {
    const off = squared(add(session.seenMean(baseline), scale(session.exact, -1)));
    near(off, 0, (6 * session.variance(baseline)) / 2000);
  }
});

test("after an option, the status says what is true now", () => {
  const settings = { seed: 7, N: 8, alpha: 1, baseline: false, toGo: false };
  const session = new Session({ ...replies, best: 3 }, settings);
  session.repeat(200);
  const after = (name, value) => changed(session, name, session.set(name, value));
  const variance = session.seenVariance(true).toFixed(3);
  assert.match(
    after("baseline", true),
    new RegExp(`leave one out.*200 estimates.*${variance} with`),
  );
  assert.equal(after("alpha", 2), "A step is now 2 times ĝ.");
  assert.match(after("N", 16), /^16 new samples are drawn.*200 estimates are gone/);
  assert.equal(after("N", 4), "4 new samples are drawn.");
  assert.equal(after("baseline", false), "No baseline.");
});

test("a pause says why, where the run has reached its end", () => {
  const session = { history: Array(501).fill(1), J: 1 };
  assert.equal(paused(session, 12, 300), "Paused after step 500: J = 1.000.");
  assert.match(paused(session, 300, 300), /A run has 300 steps/);
});

test("words stand in the frame and clear of each other", () => {
  const tip = [330, 240];
  const taken = [around(tip, 5)];
  const name = settle("right", atEdge([1, 0.577], 340), taken, 340);
  assert.ok(!overlap(name, taken[0]));
  taken.push(name);
  const count = settle("8×", beyond([200, 170], tip), taken, 340);
  for (const box of taken) assert.ok(!overlap(count, box));
  for (const { x, y, w, h } of [name, count]) {
    assert.ok(x - w >= 0 && x + w <= 340);
    assert.ok(y - h >= 0 && y + h <= 340);
  }
});

test("a contour lies where the function has its level", () => {
  const square = { min: -2, max: 2, cells: 40 };
  const segments = contour(
    grid((x, y) => x * x + y * y, square),
    1,
    square,
  );
  assert.ok(segments.length > 40);
  for (const [x, y] of segments.flat()) near(Math.hypot(x, y), 1, 0.005);
});
