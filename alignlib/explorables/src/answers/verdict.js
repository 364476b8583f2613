// Whether an answer is right, for the examples alone: they bring the phrases of which one must be in
// a right answer, and those that must not. Left out: texts that are not in the world's own words.

export function isRight({ right, wrong }, text) {
  const said = plain(text);
  const holds = (phrase) => said.includes(plain(phrase));
  return right.some(holds) && !wrong.some(holds);
}

// The words of a text in lower case, with single spaces around and between them.
function plain(text) {
  return ` ${(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ")} `;
}
