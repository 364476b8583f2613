// Where words on the plane stand: inside its frame, and clear of arrows and of each other.

const [LETTER, LINE, EDGE] = [7.5, 15, 4]; // pixels

// Around a point: { x, y } is the middle, w and h are half the sides.
export const around = ([x, y], w, h = w) => ({ x, y, w, h });

export const overlap = (a, b) => Math.abs(a.x - b.x) < a.w + b.w && Math.abs(a.y - b.y) < a.h + b.h;

// The box of a text at whichever of the spots covers least of what is taken, the first of equals.
export function settle(text, spots, taken, size) {
  const [w, h] = [(text.length * LETTER) / 2, LINE / 2];
  const inside = (value, half) =>
    Math.min(Math.max(value, half + EDGE), Math.max(size - half - EDGE, half + EDGE));
  const boxes = spots.map(([x, y]) => around([inside(x, w), inside(y, h)], w, h));
  const covered = boxes.map((box) => taken.filter((other) => overlap(box, other)).length);
  return boxes[covered.indexOf(Math.min(...covered))];
}

// Spots beyond the tip of an arrow, straight ahead first.
export function beyond([x0, y0], [x, y]) {
  const ahead = Math.atan2(y - y0, x - x0);
  return [13, 21].flatMap((far) =>
    [0, 0.5, -0.5, 1, -1, 1.5, -1.5].map((turn) => [
      x + far * Math.cos(ahead + turn),
      y + far * Math.sin(ahead + turn),
    ]),
  );
}

// Spots at the frame, where a direction from the middle meets it, and along it on both sides.
export function atEdge([dx, dy], size) {
  const reach = size / 2 / Math.max(Math.abs(dx), Math.abs(dy));
  const [x, y] = [size / 2 + reach * dx, size / 2 + reach * dy];
  const [alongX, alongY] = Math.abs(dx) > Math.abs(dy) ? [0, 1] : [1, 0];
  return [0, 18, -18, 36, -36, 54, -54].map((by) => [x + by * alongX, y + by * alongY]);
}
