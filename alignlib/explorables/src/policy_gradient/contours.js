// Lines of equal height of a function over a square, by marching squares.

// Segments [[x, y], [x, y]] along which values(x, y) is the level, on a grid of `cells` a side.
export function contour(values, level, { min, max, cells }) {
  const at = (i) => min + ((max - min) * i) / cells;
  const segments = [];
  for (let i = 0; i < cells; i += 1)
    for (let j = 0; j < cells; j += 1) {
      const corners = [
        [i, j],
        [i + 1, j],
        [i + 1, j + 1],
        [i, j + 1],
      ];
      const crossings = [];
      corners.forEach(([i0, j0], k) => {
        const [i1, j1] = corners[(k + 1) % 4];
        const [from, to] = [values[i0][j0] - level, values[i1][j1] - level];
        if (from < 0 === to < 0) return;
        const part = from / (from - to);
        crossings.push([at(i0 + part * (i1 - i0)), at(j0 + part * (j1 - j0))]);
      });
      for (let k = 0; k + 1 < crossings.length; k += 2)
        segments.push([crossings[k], crossings[k + 1]]);
    }
  return segments;
}

// The function on the grid's corners: values[i][j] at (x_i, y_j).
export function grid(f, { min, max, cells }) {
  const at = (i) => min + ((max - min) * i) / cells;
  const indices = [...Array(cells + 1).keys()];
  return indices.map((i) => indices.map((j) => f(at(i), at(j))));
}
