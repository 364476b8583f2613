// The numbers: the policy and its gradients, the variances, the samples.

import { h } from "../shared/dom.js";
import { fixed, number, signed } from "../shared/numbers.js";
import { advantages, mean } from "./estimate.js";
import { WITH } from "./session.js";

const cells = (tag, texts) =>
  texts.map((text) => h(tag, tag === "th" ? { scope: "col" } : {}, text));

function table(caption, head, rows) {
  const header = cells("th", head);
  if (!head[0]) header[0] = h("td");
  return h(
    "table",
    { class: "x-table" },
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, header)),
    h("tbody", {}, rows),
  );
}

const nameOf = (baseline) => (baseline ? "leave one out" : "no baseline");

const row = (name, values) => h("tr", {}, h("th", { scope: "row" }, name), cells("td", values));

// The flat index and the name of each action in each state that is not the end.
function choices({ states, actions, terminal }) {
  const many = terminal.filter((over) => !over).length > 1;
  return states.flatMap((state, s) =>
    terminal[s]
      ? []
      : actions.map((action, a) => ({
          index: s * actions.length + a,
          name: many ? `${state}: ${action}` : action,
          s,
          a,
        })),
  );
}

export function policyTable(session) {
  const { world, theta, pi, exact, baseline, clouds } = session;
  const many = clouds[0].length;
  const estimate = session.seenMean(baseline) ?? mean(session.pushes());
  const rows = choices(world).map(({ index, name, s, a }) =>
    row(name, [
      number(world.reward[s][a], { digits: 1 }),
      number(theta[index], { key: `theta-${index}` }),
      h(
        "span",
        { class: "x-pg-pi" },
        h("span", { class: "x-pg-bar", style: `width: ${(100 * pi[index]).toFixed(1)}%` }),
        number(pi[index], { key: `pi-${index}` }),
      ),
      number(estimate[index], { key: `${many ? "mean" : "estimate"}-${index}`, show: signed }),
      number(exact[index], { key: `exact-${index}`, show: signed }),
    ]),
  );
  const caption = many
    ? `The policy, the mean of ${many} estimates (${nameOf(baseline)}) and the gradient`
    : "The policy, the estimate and the gradient";
  return table(caption, ["", "r", "θ", "π", many ? "mean ĝ" : "ĝ", "∇J"], rows);
}

export function varianceTable(session) {
  const rows = WITH.map((baseline) => {
    const seen = session.seenVariance(baseline);
    const key = baseline ? "with" : "without";
    return row(`${baseline === session.baseline ? "▸ " : ""}${nameOf(baseline)}`, [
      number(session.variance(baseline), { digits: 4, key: `variance-${key}` }),
      seen === null ? "none yet" : number(seen, { digits: 4, key: `seen-${key}` }),
    ]);
  });
  const count = session.clouds[0].length;
  const last = count ? `seen in ${count}` : "seen";
  return table(`Variance of ĝ from N = ${session.N} samples`, ["", "exact", last], rows);
}

export function samplesTable(session) {
  const { world, samples } = session;
  const options = choices(world);
  const many = world.horizon > 1;
  const pushes = session.pushes();
  const weights = advantages(samples, session);
  const rows = samples.map(({ steps, total }, i) => {
    const names = steps.map(({ s, a }) =>
      many ? `${world.states[s]}: ${world.actions[a]}` : world.actions[a],
    );
    return row(names.join(", "), [
      fixed(total),
      weights[i].map((weight) => signed(weight)).join(", "),
      options.map(({ index }) => signed(pushes[i][index])).join(", "),
    ]);
  });
  const order = options.map(({ name }) => name).join(", ");
  const head = ["trajectory τ", "r(τ)", many ? "A at each step" : "A", "push"];
  const latest = session.clouds[0].length ? "The latest estimate, which a step follows. " : "";
  return table(`${latest}Pushes are on the logits of ${order}.`, head, rows);
}
