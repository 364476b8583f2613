import { choice, h, slider } from "../shared/dom.js";
import { fixed, number, signed } from "../shared/numbers.js";
import { generator } from "../shared/random.js";
import { areas, average, RANGE, slopes } from "./pictures.js";
import { drawMore, MOST, noDraws, trick, weighed } from "./trick.js";
import { drawn, WORDS } from "./words.js";

const SEED = 5;

function render({ model, el }) {
  const data = model.get("data");
  let theta, weight, random, draws;
  const fields = h("div", { class: "x-row" });
  const said = h("p", { class: "x-note", role: "status" });
  const [slope, area, mean] = [h("div"), h("div"), h("div")];
  const rows = h("tbody");
  const exact = h("p", { class: "x-note" });
  const [lead, areaNote, meanNote] = [h("p"), note(), note()];

  function reset() {
    theta = data.theta;
    weight = "R";
    clear();
    fields.replaceChildren(
      slider({
        label: "Parameter θ",
        min: RANGE[0],
        max: RANGE[1],
        step: 0.1,
        value: theta,
        show: (value) => fixed(value, 1),
        onchange: (value) => {
          theta = value;
          forget("they were from another p");
        },
      }),
      choice({
        label: "Weight",
        options: [
          ["R", "the reward r(x)"],
          ["1", "1, for every outcome"],
        ],
        value: weight,
        onchange: (value) => {
          weight = value;
          forget("they had another weight");
        },
      }),
    );
    said.textContent = "";
    show();
  }

  function clear() {
    random = generator(SEED);
    draws = noDraws(data.outcomes.length);
  }

  function forget(why) {
    said.textContent = draws.n ? `The draws are gone: ${why}.` : "";
    clear();
    show();
  }

  function drawSome(count) {
    const state = trick(theta, weighed(data, weight));
    draws = drawMore(state, draws, count, random);
    const [reached, goal] = [draws.total / draws.n, state.gradJ].map((value) => signed(value, 3));
    said.textContent = drawn(draws, data.outcomes, reached, goal, MOST);
    show();
  }

  function show() {
    const state = trick(theta, data);
    const chosen = weighed(data, weight);
    const seen = trick(theta, chosen);
    const words = WORDS[weight];
    lead.textContent = `Move θ and watch the columns: ${words.area}. Then draw: a draw lands in a column by its width, and counts with its height.`;
    areaNote.textContent = `Marks at the foot: the latest draws. Areas above the line, less areas below: the sum in the table's row ${words.row}.`;
    meanNote.textContent = `Dashed: ${words.exact}. Grey: within two standard errors of it.`;
    slope.replaceChildren(slopes(state, data));
    area.replaceChildren(areas(seen, chosen, weight, draws.darts));
    mean.replaceChildren(average(seen, draws, weight));
    rows.replaceChildren(...table(state, data.rewards));
    exact.replaceChildren(
      "J(θ) = ",
      number(state.J, { digits: 3, key: "J" }),
      ", ∇J(θ) = ",
      number(state.gradJ, { digits: 3, key: "gradJ", show: signed }),
      `, average of ${words.height} over the draws: `,
      draws.n
        ? number(draws.total / draws.n, { digits: 3, key: "average", show: signed })
        : "none yet",
    );
  }

  const head = ["", ...data.outcomes, "together"].map((name) => h("th", { scope: "col" }, name));
  head[0] = h("td");
  el.append(
    h(
      "div",
      { class: "x-root x-ld" },
      h("p", { class: "x-title" }, "The log-derivative trick"),
      lead,
      fields,
      h(
        "div",
        { class: "x-row x-ld-buttons" },
        h("button", { type: "button", onclick: () => drawSome(1) }, "Draw 1"),
        h("button", { type: "button", onclick: () => drawSome(100) }, "Draw 100"),
        h("button", { type: "button", onclick: reset }, "Reset"),
      ),
      said,
      h(
        "div",
        { class: "x-ld-pictures" },
        h("div", {}, area, areaNote),
        h(
          "div",
          {},
          slope,
          note("Straight lines: tangents. What one outcome gains, the others lose."),
        ),
        h("div", {}, mean, meanNote, exact),
        numbersTable(head, rows),
      ),
    ),
  );
  reset();
}

const note = (text = "") => h("p", { class: "x-note" }, text);

function numbersTable(head, rows) {
  return h(
    "table",
    { class: "x-table x-ld-table" },
    h("caption", {}, "The same in numbers"),
    h("thead", {}, h("tr", {}, head)),
    rows,
  );
}

// One row for each quantity; last, its sum over the outcomes or its mean under p.
function table(state, rewards) {
  const row = (label, key, values, together) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, label),
      values.map((value, x) => h("td", {}, number(value, { key: `${key}-${x}` }))),
      h("td", {}, together),
    );
  const sum = (key, value) => ["sum ", number(value, { key })];
  const expected = (key, value) => ["mean ", number(value, { key })];
  return [
    row("r(x)", "R", rewards, expected("meanR", state.J)),
    row("p(x)", "p", state.p, "sum 1.00"),
    row("∇p(x)", "gradP", state.gradP, sum("sumGradP", state.sumGradP)),
    row("∇ log p(x)", "score", state.score, expected("meanScore", state.meanScore)),
    row("r ∇p(x)", "weightedGradP", state.weightedGradP, sum("sumWeighted", state.gradJ)),
    row(
      "r ∇ log p(x)",
      "weightedScore",
      state.weightedScore,
      expected("meanWeighted", state.meanWeightedScore),
    ),
  ];
}

export default { render };
