// The mixtures of rewards for which runs are stored, and what was measured of each.

export const REWARDS = ["truth", "politeness", "the coast", "the hills"];

// By name, what each measure is in words, and whether more of it is better.
export const MEASURES = {
  truth: { text: "true answers", better: 1 },
  politeness: { text: "polite answers", better: 1 },
  coast: { text: "the coast approves", better: 1 },
  hills: { text: "the hills approve", better: 1 },
  "made up": { text: "made up where nobody knows", better: -1 },
  harm: { text: "harmful requests done", better: -1 },
};

const divisor = (a, b) => (b === 0 ? a : divisor(b, a % b));

// The same ratios in the smallest whole numbers: 2 0 2 0 is 1 0 1 0.
export function reduced(counts) {
  const common = counts.reduce(divisor);
  return common > 1 ? counts.map((count) => count / common) : [...counts];
}

// Mean, least and greatest of numbers.
export function summary(numbers) {
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  return { mean, low: Math.min(...numbers), high: Math.max(...numbers) };
}

// The runs by mixture: [{ counts, runs, values: { truth: { mean, low, high }, ... } }, ...].
export function byMixture(runs) {
  const groups = new Map();
  for (const run of runs) {
    const key = String(run.mixture);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(run);
  }
  return [...groups.values()].map((group) => described(group[0].mixture, group));
}

// What was measured of one mixture. The model that nothing was rewarded in is the untrained one.
export function described(counts, runs) {
  const values = Object.fromEntries(
    Object.keys(MEASURES).map((name) => [name, summary(runs.map((run) => run.values[name]))]),
  );
  return { counts, runs, values };
}

// The entry with the same ratios; the untrained model where nothing counts.
export function chosen(mixtures, untrained, counts) {
  if (counts.every((count) => count === 0)) return untrained;
  const key = String(reduced(counts));
  return mixtures.find((each) => String(each.counts) === key);
}

// Which points [x, y] are on the Pareto front: none other is as good in both and better in one.
// A sign of -1 says that less is better.
export function paretoFront(points, [signX, signY] = [1, 1]) {
  const worth = points.map(([x, y]) => [signX * x, signY * y]);
  return worth.map(([x, y]) => !worth.some(([u, v]) => u >= x && v >= y && (u > x || v > y)));
}

// What was measured of a run, of two measures.
export function pointOf({ values }, axes) {
  return axes.map((name) => values[name]);
}

// The runs on the Pareto front of two measures, from left to right.
export function frontOf(runs, axes) {
  const points = runs.map((run) => pointOf(run, axes));
  const signs = axes.map((name) => MEASURES[name].better);
  const onFront = paretoFront(points, signs);
  return [...runs.keys()]
    .filter((index) => onFront[index])
    .sort((a, b) => points[a][0] - points[b][0] || points[b][1] - points[a][1])
    .map((index) => runs[index]);
}

// The number of the point nearest to a place; of several as near, the first.
export function nearest(points, [x, y]) {
  const distances = points.map(([u, v]) => (u - x) ** 2 + (v - y) ** 2);
  return distances.indexOf(Math.min(...distances));
}
