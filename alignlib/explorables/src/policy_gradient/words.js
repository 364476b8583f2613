// What the status says.

import { fixed } from "../shared/numbers.js";
import { WITH } from "./session.js";

export function estimated(session) {
  const [without, with_] = WITH.map((on) => fixed(session.seenVariance(on), 3));
  return `${session.clouds[0].length} estimates: variance ${without} without the baseline, ${with_} with it.`;
}

// After an option has changed, which has dropped so many estimates.
export function changed(session, name, dropped) {
  const { N, alpha, baseline, toGo, clouds } = session;
  const gone = (of) =>
    dropped ? ` The ${dropped} estimates are gone: they had another ${of}.` : "";
  const marked = clouds[0].length ? ` ▸ marks its row. ${estimated(session)}` : "";
  return {
    N: `${N} new samples are drawn.${gone("N")}`,
    alpha: `A step is now ${alpha} times ĝ.`,
    baseline: `${baseline ? "Baseline: leave one out." : "No baseline."}${marked}`,
    toGo: `Each action is credited with ${toGo ? "its reward-to-go" : "the whole return"}.${gone("credit")}`,
  }[name];
}

export function paused({ history, J }, steps, longest) {
  const where = `Paused after step ${history.length - 1}: J = ${fixed(J, 3)}.`;
  return steps < longest ? where : `${where} A run has ${longest} steps; press Run for more.`;
}
