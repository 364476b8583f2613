// From logits to the next token, and from a prompt to an answer.

import { draw } from "../shared/random.js";

// Probabilities of logits, at temperature 1 the model's own.
export function softmax(logits, temperature = 1) {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) largest = Math.max(largest, logit);
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

// The most probable token; the first of several.
export function argmax(values) {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i] > values[best]) best = i;
  return best;
}

// A token drawn at a temperature; at 0 the most probable one.
export function choose(logits, temperature, random) {
  return temperature === 0 ? argmax(logits) : draw(softmax(logits, temperature), random);
}

// How many tokens too many a prompt has for what the model reads, an answer of `most` tokens
// included; 0 if it fits.
export function excess(prompt, most, longest) {
  return Math.max(0, prompt.length + most - longest);
}

// The tokens that follow the prompt, one by one, each with its probability under the model itself,
// whatever the temperature. It stops behind the token `end` or after `most` tokens.
export function* answer(reader, prompt, { end, most, temperature = 0, random }) {
  const ids = [...prompt];
  for (let n = 0; n < most; n += 1) {
    const logits = reader.logits(ids);
    const token = choose(logits, temperature, random);
    yield { token, probability: softmax(logits)[token] };
    if (token === end) return;
    ids.push(token);
  }
}
