// Runs the explorables' language model for a Python test: a job as JSON on standard input, what the
// model says as JSON on standard output.

import { readFileSync } from "node:fs";
import { isRight } from "../../alignlib/explorables/src/answers/verdict.js";
import { chat } from "../../alignlib/explorables/src/lm/chat.js";
import { buildModel, reader } from "../../alignlib/explorables/src/lm/model.js";
import { readSafetensors } from "../../alignlib/explorables/src/lm/safetensors.js";
import { answer } from "../../alignlib/explorables/src/lm/sampling.js";
import { readTokenizer } from "../../alignlib/explorables/src/lm/tokenizer.js";

const job = JSON.parse(readFileSync(0, "utf8"));
const tiny = new URL("../../alignlib/tiny/", import.meta.url);
const config = JSON.parse(readFileSync(new URL("config.json", tiny), "utf8"));
const tokenizer = readTokenizer(readFileSync(new URL("tokenizer.json", tiny), "utf8"));
const jobs = {
  encode: () => job.texts.map((text) => tokenizer.encode(text)),
  decode: () => job.ids.map((ids) => tokenizer.decode(ids)),
  unknown: () => job.texts.map((text) => tokenizer.unknown(text)),
  chat: () => job.chats.map(([request, system]) => chat(request, system ?? "")),
  verdicts: () => job.texts.map(([example, text]) => isRight(example, text)),
  // The logits of every position: each read from the start, or all with what was kept.
  logits: () =>
    job.ids.map((ids) => {
      const kept = loaded();
      return ids.map((_, t) => {
        const fresh = job.cached ? kept : loaded();
        return Array.from(fresh.logits(ids.slice(0, t + 1)));
      });
    }),
  answers: () => {
    const lm = loaded();
    return job.ids.map((ids) => [...answer(lm, ids, { end: 2, most: job.most })]);
  },
};

function loaded() {
  return reader(buildModel(readSafetensors(readFileSync(job.weights)).tensors, config));
}

process.stdout.write(JSON.stringify(jobs[job.task]()));
