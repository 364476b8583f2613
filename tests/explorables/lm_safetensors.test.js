// The safetensors reader: what numpy and the format's own rules say, and files that lie.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  float16,
  readSafetensors,
  SafetensorsError,
} from "../../alignlib/explorables/src/lm/safetensors.js";

// A file with this header (an object, or its text) before the bytes, claiming some header length.
function file(header, body = [], claimed = null) {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const head = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + head.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimed ?? head.length), true);
  bytes.set(head, 8);
  bytes.set(body, 8 + head.length);
  return bytes;
}

const described = (changes) => ({
  a: { dtype: "F16", shape: [2], data_offsets: [0, 4], ...changes },
});

test("it reads float16 and float32 and the metadata", () => {
  const header = {
    __metadata__: { seed: "0" },
    half: { dtype: "F16", shape: [2, 1], data_offsets: [0, 4] },
    full: { dtype: "F32", shape: [1], data_offsets: [4, 8] },
  };
  const { tensors, metadata } = readSafetensors(
    file(header, [0x00, 0x3c, 0x00, 0xc0, 0x00, 0x00, 0x40, 0x40]),
  );
  assert.deepEqual(metadata, { seed: "0" });
  assert.deepEqual([...tensors.keys()], ["half", "full"]);
  assert.deepEqual(tensors.get("half").shape, [2, 1]);
  assert.deepEqual([...tensors.get("half").data], [1, -2]);
  assert.deepEqual([...tensors.get("full").data], [3]);
});

test("it reads a part of a larger buffer", () => {
  const bytes = file(described(), [0x00, 0x3c, 0x00, 0x3c]);
  const larger = new Uint8Array(bytes.length + 7);
  larger.set(bytes, 3);
  const { tensors } = readSafetensors(larger.subarray(3, 3 + bytes.length));
  assert.deepEqual([...tensors.get("a").data], [1, 1]);
});

test("every float16 is what its bits say", () => {
  const known = new Map([
    [0x0001, 2 ** -24], // the smallest
    [0x03ff, 1023 * 2 ** -24], // the largest subnormal
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x7bff, 65504], // the largest
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x8000, -0],
  ]);
  for (const [bits, value] of known) assert.equal(float16(bits), value);
  assert.ok(Number.isNaN(float16(0x7e00)));
  if (typeof Float16Array === "undefined") return; // this Node has none to compare with
  const all = new Float16Array(Uint16Array.from({ length: 65536 }, (_, bits) => bits).buffer);
  for (let bits = 0; bits < 65536; bits += 1) assert.equal(float16(bits), all[bits], `${bits}`);
});

const LIES = {
  "no file at all": [new Uint8Array(0), /0 bytes/],
  "a header longer than the file": [file("{}", [], 3), /the file has 2/],
  "a header of 2^63 bytes": [file("{}", [], 2n ** 63n), /9223372036854775808/],
  "a header that is no JSON": [file("{"), /no JSON object/],
  "a header that is no UTF-8": [file("{}", [0xff], 3), /no JSON object/],
  "a header that is a list": [file("[]"), /no JSON object/],
  "a header that is null": [file("null"), /no JSON object/],
  "a tensor that is a number": [file({ a: 3 }), /a is not described/],
  "a type that is unknown": [file(described({ dtype: "I64" }), [0, 0, 0, 0]), /type I64/],
  "a type of every object": [file(described({ dtype: "toString" })), /type toString/],
  "offsets outside": [file(described({ data_offsets: [4, 8] }), [0, 0, 0, 0]), /outside/],
  "offsets backwards": [file(described({ data_offsets: [4, 0] }), [0, 0, 0, 0]), /outside/],
  "offsets below zero": [file(described({ data_offsets: [-4, 0] }), [0, 0, 0, 0]), /no place/],
  "offsets between bytes": [
    file(described({ data_offsets: [0.5, 4.5] }), [0, 0, 0, 0]),
    /no place/,
  ],
  "offsets left out": [file(described({ data_offsets: undefined }), [0, 0, 0, 0]), /no place/],
  "a shape that needs more": [file(described({ shape: [3] }), [0, 0, 0, 0]), /its shape needs 6/],
  "a shape beyond all numbers": [
    file(described({ shape: [2 ** 40, 2 ** 40] }), [0, 0, 0, 0]),
    /its shape needs/,
  ],
  "a shape below zero": [file(described({ shape: [-2] }), [0, 0, 0, 0]), /no shape/],
  "a shape that is a text": [file(described({ shape: "2" }), [0, 0, 0, 0]), /no shape/],
};

for (const [what, [bytes, said]] of Object.entries(LIES)) {
  test(`${what} is an error that says so`, () => {
    assert.throws(
      () => readSafetensors(bytes),
      (error) => error instanceof SafetensorsError && said.test(error.message),
    );
  });
}

test("a name like an object's own property is only a name", () => {
  const header = '{"__proto__": {"dtype": "F16", "shape": [1], "data_offsets": [0, 2]}}';
  const { tensors } = readSafetensors(file(header, [0x00, 0x3c]));
  assert.deepEqual([...tensors.get("__proto__").data], [1]);
});

test("tiny cut off anywhere is an error, and never a model", () => {
  const whole = readFileSync(new URL("../../alignlib/tiny/model.safetensors", import.meta.url));
  assert.equal(readSafetensors(whole).tensors.size, 38);
  for (const length of [7, 8, 100, 5000, whole.length - 1]) {
    assert.throws(() => readSafetensors(whole.subarray(0, length)), SafetensorsError);
  }
});
