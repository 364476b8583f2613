// A field for a prompt, which names the words that the model does not have.

import { freshId, h } from "../shared/dom.js";
import { near } from "./near.js";

const PATIENCE = 500; // milliseconds without a key before anything is said

export function promptField({ label, value, tokenizer, oninput = () => {} }) {
  const id = freshId("prompt");
  const note = h("p", { class: "x-note x-lm-unknown", id: `${id}-note`, role: "status" });
  const input = h("input", {
    id,
    type: "text",
    value,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": note.id,
  });
  let waiting = 0;
  const look = async () => {
    const known = await tokenizer();
    note.textContent = unknownWords(known, input.value);
  };
  input.addEventListener("input", () => {
    oninput();
    clearTimeout(waiting);
    waiting = setTimeout(look, PATIENCE);
  });
  const set = (text) => {
    input.value = text;
    look();
  };
  const field = h("div", { class: "x-field x-lm-prompt" }, h("label", { for: id }, label), input);
  return { field, note, input, set };
}

// What to tell a reader about the words of a text that the model reads byte by byte; "" if none.
export function unknownWords(tokenizer, text) {
  const strange = tokenizer.unknown(text).map((word) => {
    const close = near(word, tokenizer.tokens);
    return `“${word.trim()}”${close.length ? ` (near: ${close.join(", ")})` : ""}`;
  });
  if (strange.length === 0) return "";
  return `Not among the model’s words, so read letter by letter: ${strange.join("; ")}.`;
}
