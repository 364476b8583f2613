// The tiny model's tokenizer: a word of its world is one token, all else is its bytes.
// Left out: merges, of which that tokenizer has none.

// How GPT-2's tokenizer cuts a text into words, each with the space in front of it.
const SPACE = "\\p{White_Space}";
const WORDS = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${SPACE}\\p{L}\\p{N}]+|` +
    `${SPACE}+(?!\\P{White_Space})|${SPACE}+`,
  "gu",
);

// A printable character for each byte, as GPT-2 has them: a space is "Ġ".
const BYTES = Array.from({ length: 256 }, (_, byte) => byte);
const printable = (byte) => (byte > 32 && byte < 127) || (byte > 160 && byte < 256 && byte !== 173);
const hidden = BYTES.filter((byte) => !printable(byte));
const CHARACTERS = BYTES.map((byte) =>
  String.fromCharCode(printable(byte) ? byte : 256 + hidden.indexOf(byte)),
);
const BYTE_OF = new Map(CHARACTERS.map((character, byte) => [character, byte]));

// The tokenizer that a tokenizer.json describes.
export function readTokenizer(json) {
  const { model, added_tokens: added } = JSON.parse(json);
  if (model.type !== "BPE" || !model.ignore_merges || model.merges.length > 0) {
    throw new Error("This tokenizer is not a lookup of words and bytes, as the tiny model's is.");
  }
  const vocabulary = new Map(Object.entries(model.vocab));
  const tokens = [];
  for (const [token, id] of vocabulary) tokens[id] = token;
  const special = added.map((each) => each.content);

  // The words of a text, as the vocabulary writes them; special tokens by themselves.
  function split(text) {
    const cut = new RegExp(`(${special.map(escaped).join("|")})`);
    return text
      .split(cut)
      .flatMap((part) => (special.includes(part) ? [part] : (part.match(WORDS) ?? []).map(spell)));
  }

  function encode(text) {
    return split(text)
      .flatMap((word) => (vocabulary.has(word) ? [word] : [...word]))
      .map((token) => vocabulary.get(token));
  }

  function decode(ids) {
    const bytes = ids.flatMap((id) => [...tokens[id]].map((character) => BYTE_OF.get(character)));
    return text(bytes);
  }

  // The words that are not in the vocabulary, which the model reads byte by byte.
  function unknown(text) {
    const words = split(text).filter((word) => word.length > 1 && !vocabulary.has(word));
    return [...new Set(words)].map((word) => decodeWord(word)).filter((word) => word.trim());
  }

  // The special tokens in a text, which the model reads as what they control, as alignlib has it.
  function control(text) {
    return [...new Set(split(text))].filter((word) => special.includes(word));
  }

  return {
    size: tokens.length,
    tokens,
    encode,
    decode,
    unknown,
    control,
    id: (token) => vocabulary.get(token),
  };
}

function spell(word) {
  return [...new TextEncoder().encode(word)].map((byte) => CHARACTERS[byte]).join("");
}

function decodeWord(word) {
  return text([...word].map((character) => BYTE_OF.get(character)));
}

function text(bytes) {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

function escaped(token) {
  return token.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
