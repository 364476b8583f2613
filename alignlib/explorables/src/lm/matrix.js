// The few operations on vectors that the model is made of.

// (rows) product of a (rows, columns) matrix, stored row by row, and a (columns) vector.
export function product(matrix, vector, out) {
  const columns = vector.length;
  for (let row = 0, at = 0; row < out.length; row += 1, at += columns) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0; // four sums, so that one addition need not wait for the last
    for (let j = 0; j < columns; j += 4) {
      a += matrix[at + j] * vector[j];
      b += matrix[at + j + 1] * vector[j + 1];
      c += matrix[at + j + 2] * vector[j + 2];
      d += matrix[at + j + 3] * vector[j + 3];
    }
    out[row] = a + b + c + d;
  }
  return out;
}

// RMSNorm: the vector over its root mean square, each entry times its own weight.
export function normalized(vector, weight, epsilon, out) {
  let squares = 0;
  for (const entry of vector) squares += entry * entry;
  const scale = 1 / Math.sqrt(squares / vector.length + epsilon);
  for (let i = 0; i < vector.length; i += 1) out[i] = vector[i] * scale * weight[i];
  return out;
}

export function add(vector, other) {
  for (let i = 0; i < vector.length; i += 1) vector[i] += other[i];
}

// Rotary embedding: in each head the pair (i, i + half) turns by position * theta^(-2i / width).
export function rotate(vector, position, width, theta) {
  const half = width / 2;
  for (let i = 0; i < half; i += 1) {
    const angle = position * theta ** (-i / half);
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    for (let at = i; at < vector.length; at += width) {
      const x = vector[at];
      const y = vector[at + half];
      vector[at] = x * cos - y * sin;
      vector[at + half] = y * cos + x * sin;
    }
  }
}

// exp of each of the first n entries, over their sum, in place.
export function softmaxInPlace(scores, n) {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i += 1) largest = Math.max(largest, scores[i]);
  let sum = 0;
  for (let i = 0; i < n; i += 1) {
    scores[i] = Math.exp(scores[i] - largest);
    sum += scores[i];
  }
  for (let i = 0; i < n; i += 1) scores[i] /= sum;
}
