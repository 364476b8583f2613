// A text as a path through a tree: the state is the text so far, an action is the next token.

import { argmax, softmax } from "../lm/sampling.js";
import { draw } from "../shared/random.js";

export const SHOWN = 5; // actions by name; all others are counted together

// The policy in every state along a path: of each state its likeliest actions, how many others there
// are and their probability together, and, where the path goes on, the action taken.
export function follow(reader, prompt, path) {
  return [...path, null].map((taken, t) => {
    const policy = softmax(reader.logits([...prompt, ...path.slice(0, t)]));
    const actions = likeliest(policy, SHOWN);
    const named = actions.reduce((sum, { probability }) => sum + probability, 0);
    const rest = { count: policy.length - actions.length, probability: Math.max(0, 1 - named) };
    return { policy, actions, rest, taken, probability: taken === null ? 1 : policy[taken] };
  });
}

// The n most probable actions, the most probable first.
export function likeliest(policy, n) {
  return Array.from(policy, (probability, token) => ({ token, probability }))
    .sort((one, other) => other.probability - one.probability || one.token - other.token)
    .slice(0, n);
}

// The probability of a path, a product, and its logarithm, a sum.
export function pathProbability(states) {
  const factors = states.map((state) => state.probability);
  return {
    probability: factors.reduce((product, factor) => product * factor, 1),
    logProbability: factors.reduce((sum, factor) => sum + Math.log(factor), 0),
  };
}

// The action that the policy takes when it is sampled, and when it is greedy.
export const sampled = ({ policy }, random) => draw(policy, random);
export const greedy = ({ policy }) => argmax(policy);
