// One prompt, put to each of several models.

import { chat, END } from "../lm/chat.js";
import { pause } from "../lm/models.js";
import { answer, excess } from "../lm/sampling.js";
import { generator } from "../shared/random.js";

// The tokens that a way reads: the prompt, under the system prompt where the way has one.
export function promptTokens(tokenizer, way, prompt, system) {
  return tokenizer.encode(chat(prompt, way.asked ? system : ""));
}

// Each way's answer, token by token, in turn. Yields { index, tokens, done }: the tokens so far, each
// with its text and its probability. `wanted` says whether to go on.
export async function* askAll({ ways, most, models, prompt, system, temperature, seed, wanted }) {
  const tokenizer = await models.tokenizer();
  for (const [index, way] of ways.entries()) {
    let reader = null;
    try {
      reader = await models.load(way.model);
    } catch (error) {
      const problem = way.own ? "Its weights are in the notebook that made it." : error.message;
      yield { index, tokens: [], done: true, problem };
      continue;
    }
    const ids = promptTokens(tokenizer, way, prompt, system);
    const over = excess(ids, most, reader.longest);
    if (over > 0) {
      yield { index, tokens: [], done: true, problem: `The prompt is ${over} tokens too long.` };
      continue;
    }
    const random = generator(seed * 1009 + index);
    const tokens = [];
    const end = tokenizer.id(END);
    for (const drawn of answer(reader, ids, { end, most, temperature, random })) {
      await pause();
      if (!wanted()) return;
      tokens.push({ ...drawn, text: tokenizer.decode([drawn.token]), ends: drawn.token === end });
      yield { index, tokens, text: said(tokenizer, tokens), done: false };
    }
    yield { index, tokens, text: said(tokenizer, tokens), done: true };
  }
}

function said(tokenizer, tokens) {
  return tokenizer.decode(tokens.filter((each) => !each.ends).map((each) => each.token));
}

// The probability of a whole answer: the product of its tokens'.
export function whole(tokens) {
  return tokens.reduce((product, each) => product * each.probability, 1);
}
