// One prompt, five ways: the models of the course answer side by side, in the page.

import { promptField } from "../lm/field.js";
import { models } from "../lm/models.js";
import { shorten } from "../lm/words.js";
import { choice, h, slider } from "../shared/dom.js";
import { askAll } from "./ask.js";
import { card } from "./card.js";

const OWN = "own";
const QUOTE = 60; // characters of a text that is quoted

function render({ model, el }) {
  const { config, ways, examples, systems, most } = model.get("data");
  const lms = models(model, config);
  let temperature = 0;
  let seed = 0;
  let run = 0;
  let sent = { prompt: examples[0].prompt, system: systems[0] }; // not what is being typed

  const cards = ways.map(card);
  const status = h("p", { class: "x-note", role: "status" });
  const prompt = promptField({
    label: "Question",
    value: examples[0].prompt,
    tokenizer: lms.tokenizer,
    oninput: () => select(picked, OWN),
  });
  const system = promptField({
    label: "Its words",
    value: systems[0],
    tokenizer: lms.tokenizer,
    oninput: () => select(pickedSystem, OWN),
  });
  const picked = choice({
    label: "Example",
    options: [...examples.map(({ name }, i) => [String(i), name]), [OWN, "your own"]],
    value: "0",
    onchange: (key) => {
      if (key === OWN) return;
      prompt.set(examples[Number(key)].prompt);
      send({ prompt: prompt.input.value });
    },
  });
  const pickedSystem = choice({
    label: "Instruction",
    options: [...systems.map((text) => [text, text]), [OWN, "your own"]],
    value: systems[0],
    onchange: (key) => {
      if (key === OWN) return;
      system.set(key);
      send({ system: key });
    },
  });
  const again = h("button", { type: "button", disabled: true, onclick: drawAgain }, "Draw again");
  const heat = slider({
    label: "Temperature",
    min: 0,
    max: 1.2,
    step: 0.1,
    value: 0,
    show: (value) => (value === 0 ? "0: the most probable" : value.toFixed(1)),
    onchange: (value) => {
      temperature = value;
      again.disabled = value === 0;
      ask();
    },
  });

  function submit(event) {
    event.preventDefault();
    const typed = { prompt: prompt.input.value.trim(), system: system.input.value.trim() };
    if (typed.prompt) send(typed);
    else status.textContent = "Write a question first.";
  }

  function send(changes) {
    sent = { ...sent, ...changes };
    ask();
  }

  async function ask() {
    run += 1;
    const mine = run;
    const example = examples.find((each) => each.prompt === sent.prompt) ?? null;
    const instruction = sent.system ? `“${shorten(sent.system, QUOTE)}”` : "no instruction";
    let answered = 0;
    status.textContent = "";
    for (const [i, each] of cards.entries()) {
      if (ways[i].asked) each.about.textContent = instruction;
      each.wait("…");
    }
    cards[0].wait("loading 2 MB …");
    const asked = { ways, most, models: lms, ...sent, temperature, seed };
    try {
      for await (const said of askAll({ ...asked, wanted: () => mine === run })) {
        if (mine !== run) return;
        cards[said.index].show(said, example);
        if (said.done && !said.problem) answered += 1;
        if (said.done) cards[said.index + 1]?.wait("loading 2 MB …");
      }
    } catch (error) {
      status.textContent = `The models can’t be run here: ${error.message}`;
      return;
    }
    if (mine === run) status.textContent = `${count(answered)} to “${shorten(sent.prompt, QUOTE)}”`;
  }

  function drawAgain() {
    seed += 1;
    ask();
  }

  function reset() {
    seed = 0;
    select(picked, "0");
    select(pickedSystem, systems[0]);
    prompt.set(examples[0].prompt);
    system.set(systems[0]);
    sent = { prompt: examples[0].prompt, system: systems[0] };
    const input = heat.querySelector("input");
    input.value = 0;
    input.dispatchEvent(new Event("input")); // which asks again
  }

  const form = h(
    "form",
    {
      class: "x-lm-form",
      onsubmit: submit,
    },
    picked,
    prompt.field,
    prompt.note,
    pickedSystem,
    system.field,
    system.note,
    heat,
    h(
      "div",
      { class: "x-row" },
      h("button", { type: "submit" }, "Answer"),
      again,
      h("button", { type: "button", onclick: reset }, "Reset"),
    ),
  );
  el.append(
    h(
      "div",
      { class: "x-root x-lm" },
      h("p", { class: "x-lm-title" }, h("strong", {}, "One question, five ways")),
      h(
        "p",
        {},
        "Choose an example, or write a question, and compare what is said. The instruction goes to “asked” alone.",
      ),
      form,
      status,
      h(
        "ul",
        { class: "x-lm-cards" },
        cards.map((each) => each.element),
      ),
      h(
        "p",
        { class: "x-note" },
        "The thicker the line under a token, the more probable it was. Probabilities are the model’s own, whatever the temperature; that of an answer is the product of its tokens’. The examples have a right answer; what you write yourself is not judged.",
      ),
    ),
  );
  ask();
}

function count(answers) {
  return `${answers || "No"} ${answers === 1 ? "answer" : "answers"}`;
}

function select(field, value) {
  field.querySelector("select").value = value;
}

export default { render };
