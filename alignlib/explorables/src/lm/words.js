// Tokens and numbers as a reader sees them.

import { fixed } from "../shared/numbers.js";
import { END } from "./chat.js";

export const ENDS = "end of text";

// What a token is called: a word without the space in front, or what can't be seen by its name.
export function nameOf(tokenizer, token) {
  if (token === tokenizer.id(END)) return ENDS;
  const text = tokenizer.decode([token]);
  return { "\n": "new line", " ": "space" }[text] ?? text.trim();
}

// A text of at most so many characters; of a longer one its beginning.
export function shorten(text, most) {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

// A probability with three decimals, or with what they would hide: how near it is to 0 or 1.
export function chance(probability) {
  if (probability >= 0.9995 && probability < 1) return "> 0.999";
  if (probability >= 0.001 || probability === 0) return fixed(probability, 3);
  const [digits, power] = probability.toExponential(1).split("e-");
  return `${digits}·10${superscript(power)}`;
}

function superscript(power) {
  return `⁻${[...power].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("")}`;
}
