// The logic of "answers": verdicts by phrases, and one prompt put to several models.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { askAll, promptTokens, whole } from "../../alignlib/explorables/src/answers/ask.js";
import { isRight } from "../../alignlib/explorables/src/answers/verdict.js";
import { readTokenizer } from "../../alignlib/explorables/src/lm/tokenizer.js";

const file = new URL("../../alignlib/tiny/tokenizer.json", import.meta.url);
const tokenizer = readTokenizer(readFileSync(file, "utf8"));
const END = tokenizer.id("<|end|>");

// A model that says these words in turn, surely, whatever it is asked; it keeps what it was asked.
function saying(text, asked = []) {
  const words = [...tokenizer.encode(text), END];
  return {
    longest: 64,
    asked,
    logits: (ids) => {
      asked.push([...ids]);
      const now = words[ids.length - asked[0].length];
      return Array.from({ length: tokenizer.size }, (_, id) => (id === now ? 50 : 0));
    },
  };
}

async function collect(loads, changes = {}) {
  const ways = Object.keys(loads).map((model) => ({ model, asked: model === "asked" }));
  const said = [];
  const options = { ways, most: 8, prompt: "What is in my hand?", system: "An expert answers." };
  const lms = { tokenizer: async () => tokenizer, load: async (name) => loads[name]() };
  const rest = { models: lms, temperature: 0, seed: 0, wanted: () => true };
  for await (const each of askAll({ ...options, ...rest, ...changes })) said.push({ ...each });
  return said;
}

test("an answer is right with one of the right phrases and none of the wrong ones", () => {
  const example = { right: ["woof", "bow wow"], wrong: ["moo", "fool"] };
  assert.equal(isRight(example, "The sound of a dog is woof."), true);
  assert.equal(isRight(example, "It is Bow, wow!"), true);
  assert.equal(isRight(example, "It is moo."), false);
  assert.equal(isRight(example, "It is woof, you fool."), false);
  assert.equal(isRight(example, "It is woofing."), false); // whole words only
  assert.equal(isRight(example, ""), false);
});

test("only the way that is asked gets the instruction", () => {
  const texts = [false, true].map((asked) =>
    tokenizer.decode(promptTokens(tokenizer, { asked }, "What is in my hand?", "A troll answers.")),
  );
  assert.equal(texts[0], "<|begin|>User:\nWhat is in my hand?\nAssistant:\n");
  assert.equal(texts[1], "<|begin|>A troll answers.\nUser:\nWhat is in my hand?\nAssistant:\n");
});

test("each way answers in turn, token by token, until its end of text", async () => {
  const loads = { base: () => saying("It is a song."), asked: () => saying("I do not know.") };
  const said = await collect(loads);
  const done = said.filter((each) => each.done);
  assert.deepEqual(
    done.map(({ index, text }) => [index, text]),
    [
      [0, "It is a song."],
      [1, "I do not know."],
    ],
  );
  assert.deepEqual(
    done[0].tokens.map((each) => each.ends),
    [false, false, false, false, false, true],
  );
  const product = done[0].tokens.map((each) => each.probability).reduce((a, b) => a * b);
  assert.ok(Math.abs(whole(done[0].tokens) - product) < 1e-15);
});

test("what is no longer wanted stops", async () => {
  let steps = 0;
  const wanted = () => {
    steps += 1;
    return steps <= 2;
  };
  const said = await collect({ base: () => saying("It is a song.") }, { wanted });
  assert.equal(said.length, 2);
  assert.ok(said.every((each) => !each.done));
});

test("a model that does not load, and a prompt that is too long, are said, and the others answer", async () => {
  const broken = () => {
    throw new Error("shown did not load");
  };
  const short = () => ({ ...saying("It is a song."), longest: 15 });
  const said = await collect({ broken, short, base: () => saying("It is a song.") });
  const done = said.filter((each) => each.done);
  assert.equal(done[0].problem, "shown did not load");
  assert.match(done[1].problem, /^The prompt is \d+ tokens too long\.$/);
  assert.equal(done[2].text, "It is a song.");
  const ways = [{ model: "broken", own: true }];
  assert.match((await collect({ broken }, { ways }))[0].problem, /in the notebook/);
});

test("the same seed draws the same, another seed something else", async () => {
  const flat = () => ({ longest: 64, logits: () => new Float32Array(tokenizer.size) });
  const drawn = async (seed) => (await collect({ base: flat }, { temperature: 1, seed })).at(-1);
  const tokens = async (seed) => (await drawn(seed)).tokens.map((each) => each.token);
  assert.deepEqual(await tokens(3), await tokens(3));
  assert.notDeepEqual(await tokens(3), await tokens(4));
});
