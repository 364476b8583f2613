// What the reader has done so far: the samples at hand, the steps taken, the estimates made.

import { draw, generator } from "../shared/random.js";
import { add, gradient, mean, pushes, scale, squared, variance } from "./estimate.js";
import { enumerate, expectedReturn, policy, probabilities } from "./world.js";

export const WITH = [false, true]; // without the baseline, and with it

export class Session {
  constructor(world, { seed, N, alpha, baseline, toGo }) {
    Object.assign(this, { world, seed, N, alpha, baseline, toGo });
    this.every = enumerate(world);
    this.reset();
  }

  reset() {
    this.random = generator(this.seed);
    this.moveTo(this.world.logits.flat());
    this.trail = [this.theta];
    this.history = [this.J];
    this.sample();
  }

  moveTo(theta) {
    this.theta = theta;
    this.pi = policy(this.world, theta);
    this.p = probabilities(this.world, this.every, theta);
    this.J = expectedReturn(this.world, this.every, theta);
    this.exact = gradient(this.world, this.every, theta);
    this.forget();
  }

  // Drop the many estimates, which belong to one policy, N and credit.
  forget() {
    this.clouds = [[], []];
  }

  // Change an option; returns how many estimates that has dropped.
  set(name, value) {
    const before = this.clouds[0].length;
    this[name] = value;
    if (name === "N" || name === "toGo") this.forget();
    if (name === "N") this.sample();
    return before - this.clouds[0].length;
  }

  drawN() {
    return Array.from({ length: this.N }, () => this.every[draw(this.p, this.random)]);
  }

  sample() {
    this.samples = this.drawN();
  }

  pushes(baseline = this.baseline) {
    return pushes(this.world, this.theta, this.samples, { baseline, toGo: this.toGo });
  }

  // Go uphill by alpha times the mean push; throw the samples away, and draw new ones.
  step() {
    this.moveTo(add(this.theta, scale(mean(this.pushes()), this.alpha)));
    this.trail.push(this.theta);
    this.history.push(this.J);
    this.sample();
  }

  // Many estimates at this policy, each from N new trajectories, without and with the baseline.
  repeat(count) {
    for (let i = 0; i < count; i += 1) {
      this.sample();
      for (const baseline of WITH) this.clouds[Number(baseline)].push(mean(this.pushes(baseline)));
    }
  }

  variance(baseline) {
    const options = { baseline, toGo: this.toGo };
    return variance(this.world, this.every, this.theta, this.N, options);
  }

  // The mean of the many estimates; null if there are none.
  seenMean(baseline) {
    const cloud = this.clouds[Number(baseline)];
    return cloud.length ? mean(cloud) : null;
  }

  // The mean squared distance of the many estimates from the gradient; null if there are none.
  seenVariance(baseline) {
    const cloud = this.clouds[Number(baseline)];
    if (!cloud.length) return null;
    const off = cloud.map((estimate) => squared(add(estimate, scale(this.exact, -1))));
    return off.reduce((sum, value) => sum + value, 0) / cloud.length;
  }
}
