// The logic of "next_tokens": the policy along a path, against closed forms.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  follow,
  greedy,
  likeliest,
  pathProbability,
  SHOWN,
  sampled,
} from "../../alignlib/explorables/src/next_tokens/tree.js";
import { generator } from "../../alignlib/explorables/src/shared/random.js";

const close = (value, expected) => assert.ok(Math.abs(value - expected) < 1e-12, `${value}`);

// A model of 8 tokens: the token after n tokens is token k with odds of 1 + (k + n) mod 8.
const odds = (n) => Array.from({ length: 8 }, (_, k) => 1 + ((k + n) % 8));
const lm = { logits: (ids) => odds(ids.length).map(Math.log) };

test("in every state the policy's actions, and all others together, sum to 1", () => {
  const states = follow(lm, [0, 0], [3, 1]);
  assert.equal(states.length, 3);
  for (const { actions, rest, policy } of states) {
    assert.equal(actions.length, SHOWN);
    assert.equal(rest.count, 8 - SHOWN);
    close(
      actions.reduce((sum, each) => sum + each.probability, rest.probability),
      1,
    );
    close(
      policy.reduce((sum, each) => sum + each, 0),
      1,
    );
  }
});

test("a path's probability is the product of its tokens', its logarithm the sum", () => {
  const states = follow(lm, [0, 0], [3, 1]);
  const expected = (odds(2)[3] / 36) * (odds(3)[1] / 36);
  const { probability, logProbability } = pathProbability(states);
  close(probability, expected);
  close(logProbability, Math.log(expected));
  assert.deepEqual(
    states.map((state) => state.taken),
    [3, 1, null],
  );
  assert.deepEqual(pathProbability([]), { probability: 1, logProbability: 0 });
});

test("all paths of two tokens have together probability 1", () => {
  const tokens = Array.from({ length: 8 }, (_, token) => token);
  const total = tokens
    .flatMap((one) => tokens.map((other) => pathProbability(follow(lm, [0], [one, other]))))
    .reduce((sum, { probability }) => sum + probability, 0);
  close(total, 1);
});

test("the likeliest come first, and of equals the first token", () => {
  assert.deepEqual(
    likeliest([0.2, 0.5, 0.2, 0.1], 3).map((each) => each.token),
    [1, 0, 2],
  );
});

test("greedy takes the likeliest, sampling takes each as often as it is probable", () => {
  const [state] = follow(lm, [], []);
  assert.equal(greedy(state), 7);
  const random = generator(0);
  const n = 5000;
  const drawn = Array.from({ length: n }, () => sampled(state, random));
  for (let token = 0; token < 8; token += 1) {
    const p = (token + 1) / 36;
    const share = drawn.filter((each) => each === token).length / n;
    assert.ok(Math.abs(share - p) < 4 * Math.sqrt((p * (1 - p)) / n), `${token}: ${share}`);
  }
});
