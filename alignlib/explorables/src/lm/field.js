// A field for a prompt, which names what the model does not read as words.

import { freshId, h } from "../shared/dom.js";
import { near } from "./near.js";
import { shorten } from "./words.js";

const PATIENCE = 500; // milliseconds without a key before anything is said
const LONGEST = 30; // characters of a word that are shown

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
    note.textContent = `${unknownWords(known, input.value)} ${controls(known, input.value)}`.trim();
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
    return `“${shorten(word.trim(), LONGEST)}”${close.length ? ` (near: ${close.join(", ")})` : ""}`;
  });
  if (strange.length === 0) return "";
  return `Not among the model’s words, so read piece by piece: ${strange.join("; ")}.`;
}

// The special tokens that a reader has typed, such as the end of text; "" if none.
export function controls(tokenizer, text) {
  const typed = tokenizer.control(text).map((token) => `“${token}”`);
  if (typed.length === 0) return "";
  return `Read as ${typed.length === 1 ? "a control token" : "control tokens"}: ${typed.join(", ")}.`;
}
