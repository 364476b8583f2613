// Words of the vocabulary that are spelled almost like one that is not in it.

// Up to three, nearest first, among the words that may stand in the same place.
export function near(word, tokens, most = 3) {
  const spaced = word.startsWith(" ");
  const wanted = word.trim().toLowerCase();
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  return tokens
    .filter((token) => token.startsWith("Ġ") === spaced)
    .map((token) => token.replace("Ġ", ""))
    .filter((candidate) => /^[A-Za-z]{2,}$/.test(candidate))
    .map((candidate) => [candidate, distance(wanted, candidate.toLowerCase())])
    .filter(([, edits]) => edits <= allowed)
    .sort(([, one], [, other]) => one - other)
    .slice(0, most)
    .map(([candidate]) => candidate);
}

// How many letters have to be put in, left out or changed: Levenshtein's distance.
export function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, j) => j);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const changed = row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[other.length];
}
