// Random numbers from a seed, so that an explorable repeats.

// A generator of numbers in [0, 1): mulberry32.
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// An index drawn with the given probabilities.
export function draw(probabilities, random) {
  let rest = random();
  for (let index = 0; index < probabilities.length - 1; index += 1) {
    rest -= probabilities[index];
    if (rest < 0) return index;
  }
  return probabilities.length - 1;
}
