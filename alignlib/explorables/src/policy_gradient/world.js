// A small decision process and a softmax of logits theta, one for each action in each state.
// theta and gradients are flat: the entry of action a in state s is at s * A + a.

export function softmax(logits) {
  const most = Math.max(...logits);
  const powers = logits.map((z) => Math.exp(z - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

// pi(a | s), flat as theta is.
export function policy(world, theta) {
  const A = world.actions.length;
  return world.states.flatMap((_, s) => softmax(theta.slice(s * A, (s + 1) * A)));
}

// Every trajectory that can happen: its steps { s, a, r }, what the world contributes to its
// probability, and its return.
export function enumerate(world) {
  const found = [];
  function go(s, steps, dynamics) {
    if (world.terminal[s] || steps.length === world.horizon) {
      found.push({ steps, dynamics, total: steps.reduce((sum, { r }) => sum + r, 0) });
      return;
    }
    world.actions.forEach((_, a) => {
      const longer = [...steps, { s, a, r: world.reward[s][a] }];
      if (longer.length === world.horizon) go(s, longer, dynamics);
      else
        world.transition[s][a].forEach((p, after) => {
          if (p > 0) go(after, longer, dynamics * p);
        });
    });
  }
  world.initial.forEach((p, s) => {
    if (p > 0) go(s, [], p);
  });
  return found;
}

// p(tau) of each trajectory.
export function probabilities(world, every, theta) {
  const pi = policy(world, theta);
  const A = world.actions.length;
  return every.map(({ steps, dynamics }) =>
    steps.reduce((p, { s, a }) => p * pi[s * A + a], dynamics),
  );
}

// J(theta), the expected return.
export function expectedReturn(world, every, theta) {
  const p = probabilities(world, every, theta);
  return every.reduce((sum, { total }, i) => sum + p[i] * total, 0);
}

// grad log pi(a_t | s_t) at each step of a trajectory: 1 at the action taken, less pi.
export function scores(world, pi, { steps }) {
  const A = world.actions.length;
  return steps.map(({ s, a }) =>
    pi.map((p, index) => (Math.floor(index / A) === s ? (index === s * A + a ? 1 : 0) - p : 0)),
  );
}
