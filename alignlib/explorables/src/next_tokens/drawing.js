// The tree as a picture: one row for each of the last states, the path in bold from row to row.

import { chance, ENDS } from "../lm/words.js";
import { s } from "../shared/dom.js";

const ROWS = 5; // the last states; of those before the picture says how many they are
const [WIDTH, STEP, TOP] = [340, 62, 26];

export function drawTree(states, name, words) {
  const first = Math.max(0, states.length - ROWS);
  const rows = states.slice(first);
  const top = first > 0 ? TOP + 18 : TOP;
  const height = top + rows.length * STEP + 6;
  const parts = [];
  let from = { x: WIDTH / 2, y: top - 12 };
  if (first > 0) {
    const before = `… ${first} ${first === 1 ? "token" : "tokens"} before`;
    parts.push(s("text", { x: from.x, y: 14, class: "x-nt-share" }, before));
  }
  parts.push(s("circle", { cx: from.x, cy: from.y, r: 5, class: "x-nt-state" }));
  rows.forEach((state, row) => {
    const y = top + row * STEP + 26;
    const branches = branchesOf(state);
    let next = from;
    branches.forEach(({ token, probability, taken }, slot) => {
      const x = ((slot + 0.5) * WIDTH) / branches.length;
      if (taken) next = { x, y: y + 20 };
      const kind = taken ? "x-nt-taken" : "x-nt-open";
      parts.push(
        s("line", {
          x1: from.x,
          y1: from.y,
          x2: x,
          y2: y - 12,
          class: kind,
          "stroke-width": (1 + 5 * probability).toFixed(2),
        }),
        s("text", { x, y, class: kind }, short(name(token))),
        s("text", { x, y: y + 14, class: `x-nt-share ${kind}` }, chance(probability)),
      );
    });
    from = next;
  });
  return s(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": words, class: "x-nt-tree" },
    parts,
  );
}

// The likeliest actions, and the one taken though it is not among them in the last one's place.
function branchesOf({ actions, taken, probability }) {
  const known = actions.some(({ token }) => token === taken);
  const all =
    taken === null || known ? actions : [...actions.slice(0, -1), { token: taken, probability }];
  return all.map((action) => ({ ...action, taken: action.token === taken }));
}

function short(word) {
  if (word === ENDS) return "end";
  return word.length > 9 ? `${word.slice(0, 8)}…` : word;
}

// The same in words.
export function treeInWords(states, name) {
  const lines = states.map(({ actions, taken, probability }, t) => {
    const others = actions.filter(({ token }) => token !== taken);
    const listed = others
      .map((each) => `${name(each.token)} ${chance(each.probability)}`)
      .join(", ");
    return taken === null
      ? `State ${t + 1}, here: ${listed}.`
      : `State ${t + 1}: taken ${name(taken)} ${chance(probability)}; not taken ${listed}.`;
  });
  return `Tree of next tokens. ${lines.join(" ")}`;
}
