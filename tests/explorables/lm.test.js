// The language model's parts: tokenizer, words near by, sampling, and what the cache keeps.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { chat } from "../../alignlib/explorables/src/lm/chat.js";
import { controls, unknownWords } from "../../alignlib/explorables/src/lm/field.js";
import { buildModel, reader } from "../../alignlib/explorables/src/lm/model.js";
import { models } from "../../alignlib/explorables/src/lm/models.js";
import { distance, near } from "../../alignlib/explorables/src/lm/near.js";
import { readSafetensors } from "../../alignlib/explorables/src/lm/safetensors.js";
import {
  answer,
  argmax,
  choose,
  excess,
  softmax,
} from "../../alignlib/explorables/src/lm/sampling.js";
import { readTokenizer } from "../../alignlib/explorables/src/lm/tokenizer.js";
import { chance, nameOf, shorten } from "../../alignlib/explorables/src/lm/words.js";
import { generator } from "../../alignlib/explorables/src/shared/random.js";

const tiny = (name) => readFileSync(new URL(`../../alignlib/tiny/${name}`, import.meta.url));
const config = JSON.parse(tiny("config.json"));
const tokenizer = readTokenizer(tiny("tokenizer.json").toString());
const { tensors } = readSafetensors(tiny("model.safetensors"));
const fresh = () => reader(buildModel(tensors, config));
const PROMPT = tokenizer.encode(chat("What is the capital of Peru?"));

test("a word is a token with the space in front of it, and special tokens stand alone", () => {
  const ids = tokenizer.encode("<|begin|>What is<|end|>");
  assert.deepEqual(
    ids.map((id) => tokenizer.tokens[id]),
    ["<|begin|>", "What", "Ġis", "<|end|>"],
  );
});

test("every text comes back as it was", () => {
  for (const text of ["What is 3 + 4?", "Österreich 🐧", "  two  spaces\n\n", "\ufeffmark", ""]) {
    assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
  }
});

test("a word that is not in the vocabulary is read byte by byte and reported by its name", () => {
  assert.equal(tokenizer.encode("Zürich").length, 7);
  assert.deepEqual(tokenizer.unknown("What is Zürich, and Berlinn, and Zürich?"), [
    " Zürich",
    " Berlinn",
  ]);
  assert.deepEqual(tokenizer.unknown(chat("What is the capital of Peru?")), []);
  assert.match(unknownWords(tokenizer, "Is it Berlinn?"), /“Berlinn” \(near: Berlin\)/);
  assert.equal(unknownWords(tokenizer, "What is the capital of Peru?"), "");
});

test("a word is named at most 30 characters long, and special tokens as what they are", () => {
  const note = unknownWords(tokenizer, `What is ${"x".repeat(500)}?`);
  assert.ok(note.endsWith(`read piece by piece: “${"x".repeat(29)}…”.`), note);
  assert.equal(controls(tokenizer, "Is it <end>?"), "");
  assert.equal(
    controls(tokenizer, "Is <|end|> it <|end|>?"),
    "Read as a control token: “<|end|>”.",
  );
  assert.match(controls(tokenizer, "<|end|><|begin|>"), /control tokens: “<|end|>”, “<|begin|>”/);
});

test("a text is shortened to at most so many characters, none of them cut in half", () => {
  assert.equal(shorten("short", 5), "short");
  assert.equal(shorten("longer", 5), "long…");
  assert.equal(shorten("🐧🐧🐧", 2), "🐧…");
});

test("a prompt has to leave room for the answer", () => {
  assert.equal(excess([1, 2, 3], 4, 7), 0);
  assert.equal(excess([1, 2, 3], 4, 5), 2);
});

test("a tokenizer of another kind is refused", () => {
  const other = JSON.parse(tiny("tokenizer.json"));
  other.model.merges = [["a", "b"]];
  assert.throws(() => readTokenizer(JSON.stringify(other)), /not a lookup/);
});

test("near words are those of the fewest edits", () => {
  assert.equal(distance("kitten", "sitting"), 3);
  assert.equal(distance("", "abc"), 3);
  assert.equal(distance("same", "same"), 0);
  assert.deepEqual(near(" Pariss", tokenizer.tokens).slice(0, 1), ["Paris"]);
  assert.deepEqual(near(" qqqqqqqq", tokenizer.tokens), []);
});

test("softmax at a temperature is exp(logit / T) over its sum", () => {
  const [p, q] = softmax([Math.log(3), 0]);
  assert.ok(Math.abs(p - 0.75) < 1e-12 && Math.abs(q - 0.25) < 1e-12);
  assert.ok(Math.abs(softmax([Math.log(3), 0], 0.5)[0] - 0.9) < 1e-12);
  assert.equal(softmax([1e4, 0])[0], 1); // no overflow
  assert.equal(argmax([1, 3, 3]), 1);
  assert.equal(choose([0, 1], 0, null), 1);
});

test("tokens are drawn as often as the temperature says, and the same for a seed", () => {
  const logits = [Math.log(3), 0];
  const counted = (seed) => {
    const random = generator(seed);
    return Array.from({ length: 4000 }, () => choose(logits, 0.5, random));
  };
  const share = counted(1).filter((token) => token === 0).length / 4000;
  assert.ok(Math.abs(share - 0.9) < 0.02); // four standard errors
  assert.deepEqual(counted(1), counted(1));
  assert.notDeepEqual(counted(1), counted(2));
});

test("an answer stops at the end of text, or after the most tokens", () => {
  const fixed = (token) => ({ logits: () => [0, 1, 2].map((id) => (id === token ? 5 : 0)) });
  const said = (token) => [...answer(fixed(token), [0], { end: 2, most: 3 })];
  assert.deepEqual(
    said(2).map((each) => each.token),
    [2],
  );
  assert.equal(said(1).length, 3);
  const expected = Math.exp(5) / (Math.exp(5) + 2);
  assert.ok(Math.abs(said(1)[0].probability - expected) < 1e-12);
});

test("what is kept of another text changes nothing", () => {
  const kept = fresh();
  const other = tokenizer.encode(chat("What is the capital of Australia?", "A troll answers."));
  for (const ids of [other, PROMPT, PROMPT, PROMPT.slice(0, 4), [...PROMPT, 40, 50]]) {
    assert.deepEqual(kept.logits(ids), fresh().logits(ids));
  }
});

test("what can't be read is an error that says so", () => {
  assert.throws(() => fresh().logits([]), /no token/);
  assert.throws(() => fresh().logits(Array(257).fill(40)), /257 tokens.*at most 256/);
  assert.equal(fresh().logits(Array(256).fill(40)).length, config.vocab_size);
  const without = new Map(tensors);
  without.delete("model.norm.weight");
  assert.throws(() => buildModel(without, config), /model.norm.weight is missing/);
  assert.throws(() => buildModel(tensors, { ...config, hidden_size: 64 }), /has the shape/);
});

test("a model is loaded once, and again where loading failed", async () => {
  let loads = 0;
  const load = async () => {
    loads += 1;
    if (loads === 1) throw new Error("no network");
    return new Uint8Array(tiny("model.safetensors"));
  };
  const lms = models({ get: (key) => (key === "load" ? load : undefined) }, config);
  await assert.rejects(lms.load("base"), /no network/);
  const one = await lms.load("base");
  assert.equal(await lms.load("base"), one);
  assert.equal(loads, 2);
});

test("a notebook hands over its files as views of a buffer", async () => {
  const bytes = tiny("model.safetensors");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lms = models({ get: (key) => (key === "assets" ? { base: view } : undefined) }, config);
  assert.deepEqual((await lms.load("base")).logits(PROMPT), fresh().logits(PROMPT));
  await assert.rejects(lms.load("shown"), /no shown here/);
});

test("tokens and probabilities are written for readers", () => {
  assert.equal(nameOf(tokenizer, tokenizer.id("<|end|>")), "end of text");
  assert.equal(nameOf(tokenizer, tokenizer.id("Ġis")), "is");
  assert.equal(nameOf(tokenizer, tokenizer.id("Ċ")), "new line");
  const written = [0.5, 1, 0.9999, 0.0004, 3.4e-12, 0].map(chance);
  assert.deepEqual(written, ["0.500", "1.000", "> 0.999", "4.0·10⁻⁴", "3.4·10⁻¹²", "0.000"]);
});
