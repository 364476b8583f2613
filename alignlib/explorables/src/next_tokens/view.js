// A language model as a policy: choose the next token, and see where that leads.

import { chat, END } from "../lm/chat.js";
import { promptField } from "../lm/field.js";
import { models } from "../lm/models.js";
import { chance, nameOf } from "../lm/words.js";
import { choice, h } from "../shared/dom.js";
import { fixed } from "../shared/numbers.js";
import { generator } from "../shared/random.js";
import { drawTree, treeInWords } from "./drawing.js";
import { follow, greedy, pathProbability, sampled } from "./tree.js";

function render({ model, el }) {
  const data = model.get("data");
  const lms = models(model, data.config);
  const labels = new Map(data.models.map(({ name, label }) => [name, label]));
  let random = generator(data.seed);
  let using = data.models[0].name;
  let prompt = data.prompt;
  let path = [];
  let shown = null; // what the page shows: the tokenizer, the reader's states

  const question = promptField({
    label: "Question",
    value: prompt,
    tokenizer: lms.tokenizer,
  });
  const status = h("p", { class: "x-note", role: "status" }, "loading 2 MB …");
  const state = h("p", { class: "x-nt-text", tabindex: "-1" });
  const options = h("ol", { class: "x-nt-options" });
  const taken = h("ol", { class: "x-nt-path" });
  const sum = h("p", { class: "x-nt-sum" });
  const tree = h("div", {});
  const button = (text, onclick) => h("button", { type: "button", onclick, disabled: true }, text);
  const likeliest = button("Most probable", () => take(greedy(here())));
  const draw = button("Sample one", () => take(sampled(here(), random)));
  const back = button("Back", () => move(path.slice(0, -1), "Back."));
  const restart = button("Restart", () => {
    random = generator(data.seed);
    move([], "At the beginning.");
  });
  const chosen = choice({
    label: "Model",
    options: [...labels],
    value: using,
    onchange: (name) => {
      using = name;
      move(path, `The same text, read by another model: ${labels.get(name)}.`);
    },
  });

  const here = () => shown.states.at(-1);
  const name = (token) => nameOf(shown.tokenizer, token);

  function take(token) {
    const { policy } = here();
    move([...path, token], `You took “${name(token)}”, of probability ${chance(policy[token])}.`);
  }

  // Go to the state at the end of a path, and say how one came there.
  async function move(to, said) {
    const focused = el.contains(document.activeElement) ? document.activeElement : null;
    path = to;
    try {
      const [tokenizer, reader] = await Promise.all([lms.tokenizer(), lms.load(using)]);
      if (path !== to) return;
      const ids = tokenizer.encode(chat(prompt));
      const full = ids.length + path.length >= reader.longest;
      const ended = path.at(-1) === tokenizer.id(END);
      const states = follow(reader, ids, path);
      shown = { tokenizer, states: ended ? states.slice(0, -1) : states, over: ended || full };
    } catch (error) {
      status.textContent = `The model can’t be run here: ${error.message}`;
      return;
    }
    paint();
    status.textContent = said;
    if (focused && !focused.isConnected) (options.querySelector("button") ?? state).focus();
  }

  function paint() {
    const { tokenizer, states, over } = shown;
    const text = tokenizer.decode(path.filter((token) => token !== tokenizer.id(END)));
    state.replaceChildren(
      h("span", { class: "x-nt-prompt" }, `User: ${prompt} Assistant: `),
      h("strong", {}, text),
      over ? h("em", {}, " (the text has ended)") : "",
    );
    options.replaceChildren(...(over ? [] : optionItems()));
    taken.replaceChildren(...path.map(pathItem));
    sum.replaceChildren(...totals(states.slice(0, path.length)));
    tree.replaceChildren(drawTree(states, name, treeInWords(states, name)));
    for (const each of [likeliest, draw]) each.disabled = over;
    for (const each of [back, restart]) each.disabled = path.length === 0;
  }

  function optionItems() {
    const { actions, rest } = here();
    const others = h(
      "li",
      { class: "x-nt-rest" },
      ...bar(`${rest.count.toLocaleString("en")} others together`, rest.probability),
    );
    const items = actions.map(({ token, probability }) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", onclick: () => take(token) },
          ...bar(name(token), probability),
        ),
      ),
    );
    return [...items, others];
  }

  function pathItem(token, t) {
    const { probability } = shown.states[t];
    const label = `Back to before “${name(token)}”`;
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", onclick: () => move(path.slice(0, t), `${label}.`), title: label },
        `${name(token)} `,
        h("span", {}, chance(probability)),
      ),
    );
  }

  el.append(
    h(
      "div",
      { class: "x-root x-lm x-nt" },
      h("p", { class: "x-lm-title" }, h("strong", {}, "A language model is a policy")),
      h("p", {}, "The state is the text so far. Take an action: choose its next token."),
      h(
        "form",
        {
          class: "x-lm-form",
          onsubmit: (event) => {
            event.preventDefault();
            prompt = question.input.value.trim() || data.prompt;
            move([], "At the beginning of another text.");
          },
        },
        chosen,
        h("div", { class: "x-row" }, question.field, h("button", { type: "submit" }, "Start here")),
        question.note,
      ),
      state,
      h(
        "div",
        { class: "x-nt-columns" },
        h(
          "div",
          {},
          options,
          h("div", { class: "x-row" }, likeliest, draw, back, restart),
          status,
          taken,
          sum,
        ),
        tree,
      ),
    ),
  );
  move([], "");
}

function bar(word, probability) {
  return [
    h("span", { class: "x-nt-word" }, word),
    h("span", {
      class: "x-nt-bar",
      style: `--x-p: ${probability.toFixed(4)}`,
      "aria-hidden": "true",
    }),
    h("span", { class: "x-nt-number" }, chance(probability)),
  ];
}

function totals(states) {
  if (states.length === 0) return ["Nothing is taken yet."];
  const { probability, logProbability } = pathProbability(states);
  const factors = states.length === 1 ? "1 token" : `${states.length} tokens`;
  return [
    `So far ${factors}: probability `,
    h("data", { value: probability, "data-key": "probability" }, chance(probability)),
    ", the product of those above; log-probability ",
    h("data", { value: logProbability, "data-key": "log-probability" }, fixed(logProbability, 3)),
    ", the sum of their logarithms.",
  ];
}

export default { render };
