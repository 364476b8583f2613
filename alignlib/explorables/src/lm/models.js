// The models of a page, each loaded when it is first asked for.

import { asset } from "../shared/host.js";
import { buildModel, reader } from "./model.js";
import { readSafetensors } from "./safetensors.js";
import { readTokenizer } from "./tokenizer.js";

// `load(name)` resolves to a reader of that model; `tokenizer()` to the tokenizer of them all.
export function models(host, config) {
  const held = new Map();
  const once = (name, read) => {
    if (!held.has(name)) {
      const loading = asset(host, name).then(read);
      loading.catch(() => held.delete(name)); // so that it can be tried again
      held.set(name, loading);
    }
    return held.get(name);
  };
  return {
    load: (name) =>
      once(name, (bytes) => reader(buildModel(readSafetensors(bytes).tensors, config))),
    tokenizer: () => once("tokenizer", (bytes) => readTokenizer(new TextDecoder().decode(bytes))),
  };
}

// Lets the page breathe between two tokens.
export function pause() {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
