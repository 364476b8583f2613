import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  byMixture,
  chosen,
  described,
  frontOf,
  nearest,
  paretoFront,
  reduced,
  summary,
} from "../../alignlib/explorables/src/reward_weights/mixtures.js";
import { formula, title, verdict } from "../../alignlib/explorables/src/reward_weights/words.js";
import { generator } from "../../alignlib/explorables/src/shared/random.js";

const path = new URL("../../alignlib/explorables/reward_weights.json", import.meta.url);
const data = JSON.parse(readFileSync(path, "utf8"));
const mixtures = byMixture(data.runs);
const untrained = described([0, 0, 0, 0], [data.untrained]);

test("ratios are reduced to the smallest whole numbers", () => {
  assert.deepEqual(reduced([2, 0, 2, 0]), [1, 0, 1, 0]);
  assert.deepEqual(reduced([0, 2, 0, 0]), [0, 1, 0, 0]);
  assert.deepEqual(reduced([2, 1, 0, 2]), [2, 1, 0, 2]);
  assert.deepEqual(reduced([0, 0, 0, 0]), [0, 0, 0, 0]);
  assert.deepEqual(reduced([6, 4]), [3, 2]);
});

test("every setting of the sliders shows runs of exactly its ratios", () => {
  const levels = [0, 1, 2];
  let seen = 0;
  for (const a of levels)
    for (const b of levels)
      for (const c of levels)
        for (const d of levels) {
          const counts = [a, b, c, d];
          const found = chosen(mixtures, untrained, counts);
          seen += 1;
          if (a + b + c + d === 0) {
            assert.equal(found, untrained);
            continue;
          }
          const total = a + b + c + d;
          const its = found.counts.reduce((x, y) => x + y);
          counts.forEach((count, index) => {
            assert.equal(count * its, found.counts[index] * total);
          });
          for (const run of found.runs) assert.deepEqual(run.mixture, found.counts);
        }
  assert.equal(seen, 81);
});

test("a mixture's values are the mean and the range of its runs", () => {
  assert.deepEqual(summary([0.25, 0.75, 0.5]), { mean: 0.5, low: 0.25, high: 0.75 });
  const runs = data.runs.filter((run) => String(run.mixture) === "0,0,1,1");
  const { values } = chosen(mixtures, untrained, [0, 0, 2, 2]);
  const shares = runs.map((run) => run.values.harm);
  assert.equal(values.harm.high, Math.max(...shares));
  assert.equal(values.harm.mean, shares.reduce((a, b) => a + b) / shares.length);
});

test("the Pareto front is what a sweep from the best finds, whichever way is better", () => {
  const random = generator(3);
  for (const signs of [
    [1, 1],
    [1, -1],
    [-1, 1],
    [-1, -1],
  ]) {
    // Few values, so that there are ties.
    const points = Array.from({ length: 60 }, () =>
      [0, 0].map(() => Math.floor(random() * 12) / 12),
    );
    const worth = points.map(([x, y]) => [signs[0] * x, signs[1] * y]);
    const sorted = [...worth].sort(([a, b], [c, d]) => c - a || d - b);
    const best = new Set();
    let highest = Number.NEGATIVE_INFINITY;
    for (const [x, y] of sorted) {
      if (y > highest) best.add(`${x} ${y}`);
      highest = Math.max(highest, y);
    }
    assert.deepEqual(
      paretoFront(points, signs),
      worth.map(([x, y]) => best.has(`${x} ${y}`)),
    );
  }
});

test("of the stored runs none beats one on the front, and each other one is beaten", () => {
  const front = frontOf(data.runs, ["truth", "harm"]); // of harm less is better
  assert.ok(front.length > 0 && front.length < data.runs.length);
  const beats = ({ values: a }, { values: b }) =>
    a.truth >= b.truth && a.harm <= b.harm && (a.truth > b.truth || a.harm < b.harm);
  for (const run of data.runs)
    assert.equal(front.includes(run), !data.runs.some((other) => beats(other, run)));
  const across = front.map((run) => run.values.truth);
  assert.deepEqual(
    across,
    [...across].sort((a, b) => a - b),
  );
});

test("the nearest point is the one at the least distance", () => {
  const random = generator(5);
  const points = Array.from({ length: 40 }, () => [random(), random()]);
  for (let trial = 0; trial < 20; trial += 1) {
    const place = [random(), random()];
    const distance = ([x, y]) => Math.hypot(x - place[0], y - place[1]);
    const least = Math.min(...points.map(distance));
    assert.equal(distance(points[nearest(points, place)]), least);
  }
});

test("the reward is written as a sum whose weights add up to one", () => {
  assert.equal(formula([0, 1, 0, 0]), "politeness");
  assert.equal(formula([2, 1, 0, 1]), "1/2 truth + 1/4 politeness + 1/4 the hills");
  assert.equal(formula([0, 0, 2, 2]), "1/2 the coast + 1/2 the hills");
  assert.equal(formula([0, 0, 0, 0]), "0");
});

test("mixtures have names", () => {
  assert.equal(title([0, 1, 0, 0]), "Politeness alone");
  assert.equal(title([1, 0, 1, 1]), "Truth, the coast and the hills, alike");
  assert.equal(title([2, 1, 0, 1]), "Truth twice as much as politeness and the hills");
  assert.equal(title([0, 0, 0, 0]), "Nothing rewarded");
});

test("the words follow the numbers", () => {
  const run = (over) => ({
    values: {
      truth: 0.05,
      politeness: 1,
      coast: 0,
      hills: 0.02,
      "made up": 1,
      harm: 0,
      ...over,
    },
    answers: [],
  });
  assert.equal(
    verdict(described([0, 1, 0, 0], [run(), run()])),
    "Politeness alone: true 0.05, polite 1.00; the coast approves of 0.00 of the answers, the " +
      "hills of 0.02. In every run it talks polite nonsense and makes answers up where nobody " +
      "knows one.",
  );
  const apart = verdict(described([0, 1, 0, 0], [run(), run({ truth: 0.9, "made up": 0.9 })]));
  assert.ok(!apart.includes("nonsense"));
  assert.ok(apart.includes('"true answers": from 0.05 to 0.90.'));
});
