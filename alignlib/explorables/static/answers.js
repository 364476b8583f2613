var explorable = (() => {
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __export = (target, all) => {
    for (var name in all)
      __defProp(target, name, { get: all[name], enumerable: true });
  };
  var __copyProps = (to, from, except, desc) => {
    if (from && typeof from === "object" || typeof from === "function") {
      for (let key of __getOwnPropNames(from))
        if (!__hasOwnProp.call(to, key) && key !== except)
          __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
    }
    return to;
  };
  var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

  // alignlib/explorables/src/answers/view.js
  var view_exports = {};
  __export(view_exports, {
    default: () => view_default
  });

  // alignlib/explorables/src/shared/dom.js
  function h(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }
  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== void 0)
        element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== void 0));
    return element;
  }
  var count = 0;
  function freshId(prefix) {
    count += 1;
    return `${prefix}-${count}-${Math.random().toString(36).slice(2, 8)}`;
  }
  function slider({ label, min, max, step, value, show = String, onchange }) {
    const id = freshId("slider");
    const output = h("output", { for: id }, show(value));
    const input = h("input", {
      id,
      type: "range",
      min,
      max,
      step,
      value,
      "aria-valuetext": show(value)
    });
    input.addEventListener("input", () => {
      const now = Number(input.value);
      output.textContent = show(now);
      input.setAttribute("aria-valuetext", show(now));
      onchange(now);
    });
    return h("div", { class: "x-field" }, h("label", { for: id }, label), input, output);
  }
  function choice({ label, options, value, onchange }) {
    const id = freshId("choice");
    const select2 = h(
      "select",
      { id, onchange: () => onchange(select2.value) },
      options.map(([key, text2]) => h("option", { value: key, selected: key === value }, text2))
    );
    return h("div", { class: "x-field" }, h("label", { for: id }, label), select2);
  }

  // alignlib/explorables/src/lm/near.js
  function near(word, tokens, most = 3) {
    const spaced = word.startsWith(" ");
    const wanted = word.trim().toLowerCase();
    const allowed = Math.max(1, Math.floor(wanted.length / 3));
    return tokens.filter((token) => token.startsWith("Ġ") === spaced).map((token) => token.replace("Ġ", "")).filter((candidate) => /^[A-Za-z]{2,}$/.test(candidate)).map((candidate) => [candidate, distance(wanted, candidate.toLowerCase())]).filter(([, edits]) => edits <= allowed).sort(([, one], [, other]) => one - other).slice(0, most).map(([candidate]) => candidate);
  }
  function distance(one, other) {
    let row2 = Array.from({ length: other.length + 1 }, (_, j) => j);
    for (let i = 1; i <= one.length; i += 1) {
      const next = [i];
      for (let j = 1; j <= other.length; j += 1) {
        const changed = row2[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
        next.push(Math.min(changed, row2[j] + 1, next[j - 1] + 1));
      }
      row2 = next;
    }
    return row2[other.length];
  }

  // alignlib/explorables/src/shared/numbers.js
  function fixed(value, digits = 2) {
    const text2 = value.toFixed(digits);
    return Number(text2) === 0 ? text2.replace("-", "") : text2.replace("-", "−");
  }

  // alignlib/explorables/src/lm/chat.js
  var BEGIN = "<|begin|>";
  var END = "<|end|>";
  function chat(request, system = "") {
    const before = system ? `${system}
` : "";
    return `${BEGIN}${before}User:
${request}
Assistant:
`;
  }

  // alignlib/explorables/src/lm/words.js
  var ENDS = "end of text";
  function shorten(text2, most) {
    const characters = [...text2];
    return characters.length <= most ? text2 : `${characters.slice(0, most - 1).join("")}…`;
  }
  function chance(probability) {
    if (probability >= 0.9995 && probability < 1) return "> 0.999";
    if (probability >= 1e-3 || probability === 0) return fixed(probability, 3);
    const [digits, power] = probability.toExponential(1).split("e-");
    return `${digits}·10${superscript(power)}`;
  }
  function superscript(power) {
    return `⁻${[...power].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("")}`;
  }

  // alignlib/explorables/src/lm/field.js
  var PATIENCE = 500;
  var LONGEST = 30;
  function promptField({ label, value, tokenizer, oninput = () => {
  } }) {
    const id = freshId("prompt");
    const note = h("p", { class: "x-note x-lm-unknown", id: `${id}-note`, role: "status" });
    const input = h("input", {
      id,
      type: "text",
      value,
      autocomplete: "off",
      spellcheck: "false",
      "aria-describedby": note.id
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
    const set = (text2) => {
      input.value = text2;
      look();
    };
    const field = h("div", { class: "x-field x-lm-prompt" }, h("label", { for: id }, label), input);
    return { field, note, input, set };
  }
  function unknownWords(tokenizer, text2) {
    const strange = tokenizer.unknown(text2).map((word) => {
      const close = near(word, tokenizer.tokens);
      return `“${shorten(word.trim(), LONGEST)}”${close.length ? ` (near: ${close.join(", ")})` : ""}`;
    });
    if (strange.length === 0) return "";
    return `Not among the model’s words, so read piece by piece: ${strange.join("; ")}.`;
  }
  function controls(tokenizer, text2) {
    const typed = tokenizer.control(text2).map((token) => `“${token}”`);
    if (typed.length === 0) return "";
    return `Read as ${typed.length === 1 ? "a control token" : "control tokens"}: ${typed.join(", ")}.`;
  }

  // alignlib/explorables/src/shared/host.js
  async function asset(model, name) {
    const held = model.get("assets")?.[name];
    if (held) return new Uint8Array(held.buffer, held.byteOffset, held.byteLength);
    const load = model.get("load");
    if (!load) throw new Error(`there is no ${name} here`);
    return load(name);
  }

  // alignlib/explorables/src/lm/matrix.js
  function product(matrix, vector, out) {
    const columns = vector.length;
    for (let row2 = 0, at = 0; row2 < out.length; row2 += 1, at += columns) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let j = 0; j < columns; j += 4) {
        a += matrix[at + j] * vector[j];
        b += matrix[at + j + 1] * vector[j + 1];
        c += matrix[at + j + 2] * vector[j + 2];
        d += matrix[at + j + 3] * vector[j + 3];
      }
      out[row2] = a + b + c + d;
    }
    return out;
  }
  function normalized(vector, weight, epsilon, out) {
    let squares = 0;
    for (const entry of vector) squares += entry * entry;
    const scale = 1 / Math.sqrt(squares / vector.length + epsilon);
    for (let i = 0; i < vector.length; i += 1) out[i] = vector[i] * scale * weight[i];
    return out;
  }
  function add(vector, other) {
    for (let i = 0; i < vector.length; i += 1) vector[i] += other[i];
  }
  function rotate(vector, position, width, theta) {
    const half = width / 2;
    for (let i = 0; i < half; i += 1) {
      const angle = position * theta ** (-i / half);
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      for (let at = i; at < vector.length; at += width) {
        const x = vector[at];
        const y = vector[at + half];
        vector[at] = x * cos - y * sin;
        vector[at + half] = y * cos + x * sin;
      }
    }
  }
  function softmaxInPlace(scores, n) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i += 1) largest = Math.max(largest, scores[i]);
    let sum = 0;
    for (let i = 0; i < n; i += 1) {
      scores[i] = Math.exp(scores[i] - largest);
      sum += scores[i];
    }
    for (let i = 0; i < n; i += 1) scores[i] /= sum;
  }

  // alignlib/explorables/src/lm/model.js
  function buildModel(tensors, config) {
    const { hidden_size: H, intermediate_size: F, vocab_size: V } = config;
    const take = (name, ...shape) => {
      const found = tensors.get(name);
      if (!found || String(found.shape) !== String(shape)) {
        const given = found ? `has the shape (${found.shape})` : "is missing";
        throw new Error(`This is no model like tiny: ${name} ${given}, not (${shape}).`);
      }
      return found.data;
    };
    const layers = Array.from({ length: config.num_hidden_layers }, (_, number) => {
      const at = (name, ...shape) => take(`model.layers.${number}.${name}.weight`, ...shape);
      return {
        attentionNorm: at("input_layernorm", H),
        query: at("self_attn.q_proj", H, H),
        key: at("self_attn.k_proj", H, H),
        value: at("self_attn.v_proj", H, H),
        output: at("self_attn.o_proj", H, H),
        mlpNorm: at("post_attention_layernorm", H),
        gate: at("mlp.gate_proj", F, H),
        up: at("mlp.up_proj", F, H),
        down: at("mlp.down_proj", H, F)
      };
    });
    const embedding = take("model.embed_tokens.weight", V, H);
    return { config, embedding, layers, norm: take("model.norm.weight", H) };
  }
  function reader(model) {
    const { config, embedding, layers, norm } = model;
    const { hidden_size: H, intermediate_size: F, rms_norm_eps: epsilon } = config;
    const { num_attention_heads: heads, max_position_embeddings: longest } = config;
    const theta = config.rope_parameters.rope_theta;
    const width = H / heads;
    const cache = layers.map(() => ({
      keys: new Float32Array(longest * H),
      values: new Float32Array(longest * H)
    }));
    const vector = (size) => new Float32Array(size);
    const [x, normed, q, mixed, out] = Array.from({ length: 5 }, () => vector(H));
    const [gated, raised] = [vector(F), vector(F)];
    const scores = new Float64Array(longest);
    let seen = [];
    function attend(layer, { keys, values }, position) {
      const here = position * H;
      const k = keys.subarray(here, here + H);
      normalized(x, layer.attentionNorm, epsilon, normed);
      product(layer.query, normed, q);
      product(layer.key, normed, k);
      product(layer.value, normed, values.subarray(here, here + H));
      rotate(q, position, width, theta);
      rotate(k, position, width, theta);
      mixed.fill(0);
      for (let start = 0; start < H; start += width) {
        for (let t = 0; t <= position; t += 1) {
          let score = 0;
          for (let i = start; i < start + width; i += 1) score += q[i] * keys[t * H + i];
          scores[t] = score / Math.sqrt(width);
        }
        softmaxInPlace(scores, position + 1);
        for (let t = 0; t <= position; t += 1) {
          const share = scores[t];
          for (let i = start; i < start + width; i += 1) mixed[i] += share * values[t * H + i];
        }
      }
      add(x, product(layer.output, mixed, out));
    }
    function feed(layer) {
      normalized(x, layer.mlpNorm, epsilon, normed);
      product(layer.gate, normed, gated);
      product(layer.up, normed, raised);
      for (let i = 0; i < F; i += 1) raised[i] *= gated[i] / (1 + Math.exp(-gated[i]));
      add(x, product(layer.down, raised, out));
    }
    function logits(ids) {
      if (ids.length === 0) throw new Error("There is no token to read.");
      if (ids.length > longest) {
        throw new Error(`The text has ${ids.length} tokens; the model reads at most ${longest}.`);
      }
      let same = 0;
      while (same < ids.length - 1 && seen[same] === ids[same]) same += 1;
      for (let position = same; position < ids.length; position += 1) {
        const row2 = ids[position] * H;
        x.set(embedding.subarray(row2, row2 + H));
        layers.forEach((layer, number) => {
          attend(layer, cache[number], position);
          feed(layer);
        });
      }
      seen = [...ids];
      return product(embedding, normalized(x, norm, epsilon, normed), vector(config.vocab_size));
    }
    return { logits, longest };
  }

  // alignlib/explorables/src/lm/safetensors.js
  var SIZES = { F16: 2, F32: 4 };
  var SafetensorsError = class extends Error {
  };
  function readSafetensors(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    require2(bytes.length >= 8, `the file has ${bytes.length} bytes, too few for a header`);
    const length = view.getBigUint64(0, true);
    const room = bytes.length - 8;
    require2(length <= BigInt(room), `the header is to have ${length} bytes, the file has ${room}`);
    const start = 8 + Number(length);
    const header = parse(bytes.subarray(8, start));
    const body = bytes.subarray(start);
    const tensors = /* @__PURE__ */ new Map();
    let metadata = {};
    for (const [name, entry] of Object.entries(header)) {
      if (name === "__metadata__") metadata = entry;
      else tensors.set(name, tensor(name, entry, body));
    }
    return { tensors, metadata };
  }
  function parse(bytes) {
    let header = null;
    try {
      header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch {
    }
    require2(isRecord(header), "the header is no JSON object");
    return header;
  }
  function tensor(name, entry, body) {
    require2(isRecord(entry), `${name} is not described`);
    const { dtype, shape, data_offsets: offsets } = entry;
    require2(Object.hasOwn(SIZES, dtype), `${name} is of type ${dtype}, not float16 or float32`);
    require2(Array.isArray(shape) && shape.every(isCount), `${name} has no shape`);
    require2(Array.isArray(offsets) && offsets.length === 2 && offsets.every(isCount), `${name} has no place`);
    const [begin, end] = offsets;
    require2(begin <= end && end <= body.length, `${name} lies outside the file`);
    const count3 = shape.reduce((product2, size) => product2 * size, 1);
    const needed = count3 * SIZES[dtype];
    require2(end - begin === needed, `${name} has ${end - begin} bytes, its shape needs ${needed}`);
    const view = new DataView(body.buffer, body.byteOffset + begin, end - begin);
    const data = new Float32Array(count3);
    for (let i = 0; i < count3; i += 1) {
      data[i] = dtype === "F16" ? float16(view.getUint16(2 * i, true)) : view.getFloat32(4 * i, true);
    }
    return { shape, data };
  }
  function float16(bits) {
    const sign = bits & 32768 ? -1 : 1;
    const exponent = bits >> 10 & 31;
    const fraction = bits & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (1024 + fraction) * POWERS[exponent];
  }
  var POWERS = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (exponent - 25));
  function isRecord(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }
  function isCount(value) {
    return Number.isSafeInteger(value) && value >= 0;
  }
  function require2(holds, problem) {
    if (!holds)
      throw new SafetensorsError(`This is no safetensors file that can be read: ${problem}.`);
  }

  // alignlib/explorables/src/lm/tokenizer.js
  var SPACE = "\\p{White_Space}";
  var WORDS = new RegExp(
    `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${SPACE}\\p{L}\\p{N}]+|${SPACE}+(?!\\P{White_Space})|${SPACE}+`,
    "gu"
  );
  var BYTES = Array.from({ length: 256 }, (_, byte) => byte);
  var printable = (byte) => byte > 32 && byte < 127 || byte > 160 && byte < 256 && byte !== 173;
  var hidden = BYTES.filter((byte) => !printable(byte));
  var CHARACTERS = BYTES.map(
    (byte) => String.fromCharCode(printable(byte) ? byte : 256 + hidden.indexOf(byte))
  );
  var BYTE_OF = new Map(CHARACTERS.map((character, byte) => [character, byte]));
  function readTokenizer(json) {
    const { model, added_tokens: added } = JSON.parse(json);
    if (model.type !== "BPE" || !model.ignore_merges || model.merges.length > 0) {
      throw new Error("This tokenizer is not a lookup of words and bytes, as the tiny model's is.");
    }
    const vocabulary = new Map(Object.entries(model.vocab));
    const tokens = [];
    for (const [token, id] of vocabulary) tokens[id] = token;
    const special = added.map((each) => each.content);
    function split(text2) {
      const cut = new RegExp(`(${special.map(escaped).join("|")})`);
      return text2.split(cut).flatMap((part) => special.includes(part) ? [part] : (part.match(WORDS) ?? []).map(spell));
    }
    function encode(text2) {
      return split(text2).flatMap((word) => vocabulary.has(word) ? [word] : [...word]).map((token) => vocabulary.get(token));
    }
    function decode(ids) {
      const bytes = ids.flatMap((id) => [...tokens[id]].map((character) => BYTE_OF.get(character)));
      return text(bytes);
    }
    function unknown(text2) {
      const words = split(text2).filter((word) => word.length > 1 && !vocabulary.has(word));
      return [...new Set(words)].map((word) => decodeWord(word)).filter((word) => word.trim());
    }
    function control(text2) {
      return [...new Set(split(text2))].filter((word) => special.includes(word));
    }
    return {
      size: tokens.length,
      tokens,
      encode,
      decode,
      unknown,
      control,
      id: (token) => vocabulary.get(token)
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

  // alignlib/explorables/src/lm/models.js
  function models(host, config) {
    const held = /* @__PURE__ */ new Map();
    const once = (name, read) => {
      if (!held.has(name)) {
        const loading = asset(host, name).then(read);
        loading.catch(() => held.delete(name));
        held.set(name, loading);
      }
      return held.get(name);
    };
    return {
      load: (name) => once(name, (bytes) => reader(buildModel(readSafetensors(bytes).tensors, config))),
      tokenizer: () => once("tokenizer", (bytes) => readTokenizer(new TextDecoder().decode(bytes)))
    };
  }
  function pause() {
    return new Promise((resolve) => setTimeout(resolve, 0));
  }

  // alignlib/explorables/src/shared/random.js
  function generator(seed) {
    let state = seed >>> 0;
    return () => {
      state = state + 1831565813 >>> 0;
      let mixed = Math.imul(state ^ state >>> 15, state | 1);
      mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
      return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296;
    };
  }
  function draw(probabilities, random) {
    let rest = random();
    for (let index = 0; index < probabilities.length - 1; index += 1) {
      rest -= probabilities[index];
      if (rest < 0) return index;
    }
    return probabilities.length - 1;
  }

  // alignlib/explorables/src/lm/sampling.js
  function softmax(logits, temperature = 1) {
    let largest = Number.NEGATIVE_INFINITY;
    for (const logit of logits) largest = Math.max(largest, logit);
    const weights = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  }
  function argmax(values) {
    let best = 0;
    for (let i = 1; i < values.length; i += 1) if (values[i] > values[best]) best = i;
    return best;
  }
  function choose(logits, temperature, random) {
    return temperature === 0 ? argmax(logits) : draw(softmax(logits, temperature), random);
  }
  function excess(prompt, most, longest) {
    return Math.max(0, prompt.length + most - longest);
  }
  function* answer(reader2, prompt, { end, most, temperature = 0, random }) {
    const ids = [...prompt];
    for (let n = 0; n < most; n += 1) {
      const logits = reader2.logits(ids);
      const token = choose(logits, temperature, random);
      yield { token, probability: softmax(logits)[token] };
      if (token === end) return;
      ids.push(token);
    }
  }

  // alignlib/explorables/src/answers/ask.js
  function promptTokens(tokenizer, way, prompt, system) {
    return tokenizer.encode(chat(prompt, way.asked ? system : ""));
  }
  async function* askAll({ ways, most, models: models2, prompt, system, temperature, seed, wanted }) {
    const tokenizer = await models2.tokenizer();
    for (const [index, way] of ways.entries()) {
      let reader2 = null;
      try {
        reader2 = await models2.load(way.model);
      } catch (error) {
        const problem = way.own ? "Its weights are in the notebook that made it." : error.message;
        yield { index, tokens: [], done: true, problem };
        continue;
      }
      const ids = promptTokens(tokenizer, way, prompt, system);
      const over = excess(ids, most, reader2.longest);
      if (over > 0) {
        yield { index, tokens: [], done: true, problem: `The prompt is ${over} tokens too long.` };
        continue;
      }
      const random = generator(seed * 1009 + index);
      const tokens = [];
      const end = tokenizer.id(END);
      for (const drawn of answer(reader2, ids, { end, most, temperature, random })) {
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
  function whole(tokens) {
    return tokens.reduce((product2, each) => product2 * each.probability, 1);
  }

  // alignlib/explorables/src/answers/verdict.js
  function isRight({ right, wrong }, text2) {
    const said2 = plain(text2);
    const holds = (phrase) => said2.includes(plain(phrase));
    return right.some(holds) && !wrong.some(holds);
  }
  function plain(text2) {
    return ` ${(text2.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ")} `;
  }

  // alignlib/explorables/src/answers/card.js
  function card(way) {
    const text2 = h("p", { class: "x-lm-said" });
    const verdict = h("span", { class: "x-lm-verdict" });
    const number = h("span", { class: "x-lm-number" });
    const table = h("tbody");
    const details = h(
      "details",
      { hidden: true },
      h("summary", {}, "Token by token"),
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h("tr", {}, h("th", { scope: "col" }, "token"), h("th", { scope: "col" }, "probability"))
        ),
        table
      )
    );
    const about = h("span", { class: "x-lm-about" }, way.about);
    const element = h(
      "li",
      { class: "x-lm-card", "data-way": way.name },
      h("p", { class: "x-lm-name" }, h("strong", {}, way.name), about),
      text2,
      h("p", { class: "x-lm-line" }, verdict, number),
      details
    );
    function wait(words) {
      text2.replaceChildren(h("em", {}, words));
      number.textContent = "";
      verdict.textContent = "";
      details.hidden = true;
    }
    function show({ tokens, text: said2, done, problem }, example) {
      if (problem) {
        wait(problem);
        return;
      }
      text2.replaceChildren(...tokens.filter((each) => !each.ends).map(underlined));
      if (!done) return;
      number.textContent = `probability ${chance(whole(tokens))}`;
      mark(verdict, example ? isRight(example, said2) : null);
      table.replaceChildren(...tokens.map(row));
      details.hidden = false;
    }
    return { element, about, wait, show };
  }
  function underlined({ text: text2, probability }) {
    return h("span", { style: `--x-p: ${probability.toFixed(3)}` }, text2);
  }
  function mark(verdict, right) {
    verdict.textContent = right === null ? "" : right ? "✓ right" : "✗ not right";
    verdict.dataset.right = String(right);
  }
  function row({ text: text2, probability, ends }) {
    const token = ends ? h("em", {}, ENDS) : text2.trim() || "(space)";
    return h("tr", {}, h("td", {}, token), h("td", {}, chance(probability)));
  }

  // alignlib/explorables/src/answers/view.js
  var OWN = "own";
  var QUOTE = 60;
  function render({ model, el }) {
    const { config, ways, examples, systems, most } = model.get("data");
    const lms = models(model, config);
    let temperature = 0;
    let seed = 0;
    let run = 0;
    let sent = { prompt: examples[0].prompt, system: systems[0] };
    const cards = ways.map(card);
    const status = h("p", { class: "x-note", role: "status" });
    const prompt = promptField({
      label: "Question",
      value: examples[0].prompt,
      tokenizer: lms.tokenizer,
      oninput: () => select(picked, OWN)
    });
    const system = promptField({
      label: "Its words",
      value: systems[0],
      tokenizer: lms.tokenizer,
      oninput: () => select(pickedSystem, OWN)
    });
    const picked = choice({
      label: "Example",
      options: [...examples.map(({ name }, i) => [String(i), name]), [OWN, "your own"]],
      value: "0",
      onchange: (key) => {
        if (key === OWN) return;
        prompt.set(examples[Number(key)].prompt);
        send({ prompt: prompt.input.value });
      }
    });
    const pickedSystem = choice({
      label: "Instruction",
      options: [...systems.map((text2) => [text2, text2]), [OWN, "your own"]],
      value: systems[0],
      onchange: (key) => {
        if (key === OWN) return;
        system.set(key);
        send({ system: key });
      }
    });
    const again = h("button", { type: "button", disabled: true, onclick: drawAgain }, "Draw again");
    const heat = slider({
      label: "Temperature",
      min: 0,
      max: 1.2,
      step: 0.1,
      value: 0,
      show: (value) => value === 0 ? "0: the most probable" : value.toFixed(1),
      onchange: (value) => {
        temperature = value;
        again.disabled = value === 0;
        ask();
      }
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
        for await (const said2 of askAll({ ...asked, wanted: () => mine === run })) {
          if (mine !== run) return;
          cards[said2.index].show(said2, example);
          if (said2.done && !said2.problem) answered += 1;
          if (said2.done) cards[said2.index + 1]?.wait("loading 2 MB …");
        }
      } catch (error) {
        status.textContent = `The models can’t be run here: ${error.message}`;
        return;
      }
      if (mine === run) status.textContent = `${count2(answered)} to “${shorten(sent.prompt, QUOTE)}”`;
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
      input.dispatchEvent(new Event("input"));
    }
    const form = h(
      "form",
      {
        class: "x-lm-form",
        onsubmit: submit
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
        h("button", { type: "button", onclick: reset }, "Reset")
      )
    );
    el.append(
      h(
        "div",
        { class: "x-root x-lm" },
        h("p", { class: "x-lm-title" }, h("strong", {}, "One question, five ways")),
        h(
          "p",
          {},
          "Choose an example, or write a question, and compare what is said. The instruction goes to “asked” alone."
        ),
        form,
        status,
        h(
          "ul",
          { class: "x-lm-cards" },
          cards.map((each) => each.element)
        ),
        h(
          "p",
          { class: "x-note" },
          "The thicker the line under a token, the more probable it was. Probabilities are the model’s own, whatever the temperature; that of an answer is the product of its tokens’. The examples have a right answer; what you write yourself is not judged."
        )
      )
    );
    ask();
  }
  function count2(answers) {
    return `${answers || "No"} ${answers === 1 ? "answer" : "answers"}`;
  }
  function select(field, value) {
    field.querySelector("select").value = value;
  }
  var view_default = { render };
  return __toCommonJS(view_exports);
})();
