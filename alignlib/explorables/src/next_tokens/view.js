// A language model as a policy: choose the next token, and see where that leads.

import { chat, END } from "../lm/chat.js";
import { promptField } from "../lm/field.js";
import { models } from "../lm/models.js";
import { excess } from "../lm/sampling.js";
import { chance, nameOf } from "../lm/words.js";
import { choice, h } from "../shared/dom.js";
import { generator } from "../shared/random.js";
import { drawTree, treeInWords } from "./drawing.js";
import { optionItems, pathItems, totals } from "./lists.js";
import { follow, greedy, sampled } from "./tree.js";

function render({ model, el }) {
  const data = model.get("data");
  const lms = models(model, data.config);
  const labels = new Map(data.models.map(({ name, label }) => [name, label]));
  const first = { using: data.models[0].name, prompt: data.prompt, path: [] };
  let now = first; // what the page shows
  let next = first; // what it will show once that is read
  let shown = null; // what was read: the tokenizer, the states, and why there is no action, if so
  let random = generator(data.seed);

  const question = promptField({
    label: "Question",
    value: first.prompt,
    tokenizer: lms.tokenizer,
    oninput: compare,
  });
  const differs = h(
    "p",
    { class: "x-note", hidden: true },
    "The text below is still that of the question before: press Start here.",
  );
  const status = h("p", { class: "x-note x-nt-status", role: "status" });
  const state = h("p", { class: "x-nt-text", tabindex: "-1" });
  const options = h("ol", { class: "x-nt-options" });
  const taken = h("ol", { class: "x-nt-path" });
  const sum = h("p", { class: "x-nt-sum" });
  const tree = h("div", {});
  const button = (text, onclick, type = "button") => h("button", { type, onclick }, text);
  const likeliest = button("Most probable", () => take(greedy(here())));
  const draw = button("Sample one", () => take(sampled(here(), random)));
  const back = button("Back", () => move({ path: now.path.slice(0, -1) }, "Back."));
  const restart = button("Restart", () => {
    random = generator(data.seed);
    move({ path: [] }, "At the beginning.");
  });
  const reset = button("Reset", () => {
    random = generator(data.seed);
    chosen.querySelector("select").value = first.using;
    question.set(first.prompt);
    move(first, "As at first.");
  });
  const chosen = choice({
    label: "Model",
    options: [...labels],
    value: first.using,
    onchange: (using) =>
      move({ using }, `The same text, read by another model: ${labels.get(using)}.`),
  });
  const actions = h(
    "fieldset",
    { class: "x-nt-actions", "aria-label": "Actions", disabled: true },
    h("div", { class: "x-row" }, likeliest, draw, back, restart),
    options,
    taken,
    sum,
  );

  const here = () => shown.states.at(-1);
  const name = (token) => nameOf(shown.tokenizer, token);

  function take(token) {
    const said = `You took “${name(token)}”, of probability ${chance(here().policy[token])}.`;
    move({ path: [...now.path, token] }, said);
  }

  function start(event) {
    event.preventDefault();
    const prompt = question.input.value.trim();
    if (prompt) move({ prompt, path: [] }, "At the beginning of this text.");
    else refuse("Write a question first.");
  }

  // Go to another state, and say how one came there. The page is as it was until that state is read.
  async function move(changes, said) {
    const focused = el.contains(document.activeElement) ? document.activeElement : null;
    const to = { ...next, ...changes };
    next = to;
    actions.disabled = true;
    status.textContent = "loading …";
    try {
      const [tokenizer, reader] = await Promise.all([lms.tokenizer(), lms.load(to.using)]);
      if (next !== to) return;
      const ids = tokenizer.encode(chat(to.prompt));
      const over = excess(ids, 1, reader.longest);
      if (over > 0) {
        refuse(`The question is ${over} ${over === 1 ? "token" : "tokens"} too long.`);
        return;
      }
      shown = read(tokenizer, reader, ids, to.path);
    } catch (error) {
      if (next === to) refuse(`The model can’t be run here: ${error.message}`);
      return;
    }
    now = to;
    paint();
    status.textContent = said;
    keepFocus(focused);
  }

  // A button that is disabled, if only for a moment, or gone loses the focus.
  function keepFocus(focused) {
    const at = document.activeElement;
    if (!focused || (at !== document.body && !at.matches(":disabled"))) return;
    const usable = focused.isConnected && !focused.matches(":disabled");
    (usable ? focused : (options.querySelector("button") ?? state)).focus();
  }

  function read(tokenizer, reader, ids, path) {
    const full = ids.length + path.length >= reader.longest;
    const ended = path.at(-1) === tokenizer.id(END);
    const states = follow(reader, ids, path);
    const over = ended
      ? "the text has ended"
      : full && `the model reads no more than ${reader.longest} tokens`;
    return { tokenizer, states: ended ? states.slice(0, -1) : states, over };
  }

  // Stay where one is, and say why.
  function refuse(why) {
    next = now;
    chosen.querySelector("select").value = now.using;
    question.set(now.prompt);
    compare();
    actions.disabled = shown === null;
    status.textContent = why;
  }

  function compare() {
    differs.hidden = question.input.value.trim() === now.prompt;
  }

  function paint() {
    const { tokenizer, states, over } = shown;
    const { path, prompt } = now;
    const text = tokenizer.decode(path.filter((token) => token !== tokenizer.id(END)));
    state.replaceChildren(
      h("span", { class: "x-nt-prompt" }, `User: ${prompt} Assistant: `),
      h("strong", {}, text),
      over ? h("em", {}, ` (${over})`) : "",
    );
    const none = h("li", { class: "x-note" }, "There is no action here.");
    options.replaceChildren(...(over ? [none] : optionItems(here(), name, take)));
    const backTo = (t, said) => move({ path: path.slice(0, t) }, said);
    taken.replaceChildren(...pathItems(states.slice(0, path.length), name, backTo));
    taken.scrollTop = taken.scrollHeight;
    sum.replaceChildren(...totals(states.slice(0, path.length)));
    tree.replaceChildren(drawTree(states, name, treeInWords(states, name)));
    for (const each of [likeliest, draw]) each.disabled = Boolean(over);
    for (const each of [back, restart]) each.disabled = path.length === 0;
    actions.disabled = false;
    compare();
  }

  el.append(
    h(
      "div",
      { class: "x-root x-lm x-nt" },
      h("p", { class: "x-lm-title" }, h("strong", {}, "A language model is a policy")),
      h("p", {}, "The state is the text so far. Take an action: choose its next token."),
      h(
        "form",
        { class: "x-lm-form", onsubmit: start },
        chosen,
        h("div", { class: "x-row" }, question.field, button("Start here", null, "submit"), reset),
        question.note,
        differs,
      ),
      status,
      state,
      h("div", { class: "x-nt-columns" }, actions, tree),
    ),
  );
  move({}, "");
}

export default { render };
