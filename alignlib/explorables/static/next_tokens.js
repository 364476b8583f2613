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

  // alignlib/explorables/src/next_tokens/view.js
  var view_exports = {};
  __export(view_exports, {
    default: () => view_default
  });

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

  // alignlib/explorables/src/shared/dom.js
  var SVG = "http://www.w3.org/2000/svg";
  function h(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }
  function s(tag, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, tag), attributes, children);
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
  function choice({ label, options, value, onchange }) {
    const id = freshId("choice");
    const select = h(
      "select",
      { id, onchange: () => onchange(select.value) },
      options.map(([key, text2]) => h("option", { value: key, selected: key === value }, text2))
    );
    return h("div", { class: "x-field" }, h("label", { for: id }, label), select);
  }

  // alignlib/explorables/src/lm/near.js
  function near(word, tokens, most = 3) {
    const spaced = word.startsWith(" ");
    const wanted = word.trim().toLowerCase();
    const allowed = Math.max(1, Math.floor(wanted.length / 3));
    return tokens.filter((token) => token.startsWith("Ġ") === spaced).map((token) => token.replace("Ġ", "")).filter((candidate) => /^[A-Za-z]{2,}$/.test(candidate)).map((candidate) => [candidate, distance(wanted, candidate.toLowerCase())]).filter(([, edits]) => edits <= allowed).sort(([, one], [, other]) => one - other).slice(0, most).map(([candidate]) => candidate);
  }
  function distance(one, other) {
    let row = Array.from({ length: other.length + 1 }, (_, j) => j);
    for (let i = 1; i <= one.length; i += 1) {
      const next = [i];
      for (let j = 1; j <= other.length; j += 1) {
        const changed = row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
        next.push(Math.min(changed, row[j] + 1, next[j - 1] + 1));
      }
      row = next;
    }
    return row[other.length];
  }

  // alignlib/explorables/src/shared/numbers.js
  function fixed(value, digits = 2) {
    const text2 = value.toFixed(digits);
    return Number(text2) === 0 ? text2.replace("-", "") : text2.replace("-", "−");
  }

  // alignlib/explorables/src/lm/words.js
  var ENDS = "end of text";
  function nameOf(tokenizer, token) {
    if (token === tokenizer.id(END)) return ENDS;
    const text2 = tokenizer.decode([token]);
    return { "\n": "new line", " ": "space" }[text2] ?? text2.trim();
  }
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
    for (let row = 0, at = 0; row < out.length; row += 1, at += columns) {
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
      out[row] = a + b + c + d;
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
        const row = ids[position] * H;
        x.set(embedding.subarray(row, row + H));
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
    const count2 = shape.reduce((product2, size) => product2 * size, 1);
    const needed = count2 * SIZES[dtype];
    require2(end - begin === needed, `${name} has ${end - begin} bytes, its shape needs ${needed}`);
    const view = new DataView(body.buffer, body.byteOffset + begin, end - begin);
    const data = new Float32Array(count2);
    for (let i = 0; i < count2; i += 1) {
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
  function excess(prompt, most, longest) {
    return Math.max(0, prompt.length + most - longest);
  }

  // alignlib/explorables/src/next_tokens/drawing.js
  var ROWS = 5;
  var [WIDTH, STEP, TOP] = [340, 62, 26];
  function drawTree(states, name, words) {
    const first = Math.max(0, states.length - ROWS);
    const rows = states.slice(first);
    const top = first > 0 ? TOP + 18 : TOP;
    const height = top + rows.length * STEP + 6;
    const parts = [];
    let from = { x: WIDTH / 2, y: top - 12 };
    if (first > 0) {
      const before = `… ${first} ${first === 1 ? "token" : "tokens"} before`;
      parts.push(s("text", { x: from.x, y: 14, class: "x-nt-share" }, before));
    }
    parts.push(s("circle", { cx: from.x, cy: from.y, r: 5, class: "x-nt-state" }));
    rows.forEach((state, row) => {
      const y = top + row * STEP + 26;
      const branches = branchesOf(state);
      let next = from;
      branches.forEach(({ token, probability, taken }, slot) => {
        const x = (slot + 0.5) * WIDTH / branches.length;
        if (taken) next = { x, y: y + 20 };
        const kind = taken ? "x-nt-taken" : "x-nt-open";
        parts.push(
          s("line", {
            x1: from.x,
            y1: from.y,
            x2: x,
            y2: y - 12,
            class: kind,
            "stroke-width": (1 + 5 * probability).toFixed(2)
          }),
          s("text", { x, y, class: kind }, short(name(token))),
          s("text", { x, y: y + 14, class: `x-nt-share ${kind}` }, chance(probability))
        );
      });
      from = next;
    });
    return s(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": words, class: "x-nt-tree" },
      parts
    );
  }
  function branchesOf({ actions, taken, probability }) {
    const known = actions.some(({ token }) => token === taken);
    const all = taken === null || known ? actions : [...actions.slice(0, -1), { token: taken, probability }];
    return all.map((action) => ({ ...action, taken: action.token === taken }));
  }
  function short(word) {
    if (word === ENDS) return "end";
    return word.length > 9 ? `${word.slice(0, 8)}…` : word;
  }
  function treeInWords(states, name) {
    const lines = states.map(({ actions, taken, probability }, t) => {
      const others = actions.filter(({ token }) => token !== taken);
      const listed = others.map((each) => `${name(each.token)} ${chance(each.probability)}`).join(", ");
      return taken === null ? `State ${t + 1}, here: ${listed}.` : `State ${t + 1}: taken ${name(taken)} ${chance(probability)}; not taken ${listed}.`;
    });
    return `Tree of next tokens. ${lines.join(" ")}`;
  }

  // alignlib/explorables/src/next_tokens/tree.js
  var SHOWN = 5;
  function follow(reader2, prompt, path) {
    return [...path, null].map((taken, t) => {
      const policy = softmax(reader2.logits([...prompt, ...path.slice(0, t)]));
      const actions = likeliest(policy, SHOWN);
      const named = actions.reduce((sum, { probability }) => sum + probability, 0);
      const rest = { count: policy.length - actions.length, probability: Math.max(0, 1 - named) };
      return { policy, actions, rest, taken, probability: taken === null ? 1 : policy[taken] };
    });
  }
  function likeliest(policy, n) {
    return Array.from(policy, (probability, token) => ({ token, probability })).sort((one, other) => other.probability - one.probability || one.token - other.token).slice(0, n);
  }
  function pathProbability(states) {
    const factors = states.map((state) => state.probability);
    return {
      probability: factors.reduce((product2, factor) => product2 * factor, 1),
      logProbability: factors.reduce((sum, factor) => sum + Math.log(factor), 0)
    };
  }
  var sampled = ({ policy }, random) => draw(policy, random);
  var greedy = ({ policy }) => argmax(policy);

  // alignlib/explorables/src/next_tokens/lists.js
  function optionItems({ actions, rest }, name, take) {
    const items = actions.map(
      ({ token, probability }) => h(
        "li",
        {},
        h("button", { type: "button", onclick: () => take(token) }, ...bar(name(token), probability))
      )
    );
    const others = `${rest.count.toLocaleString("en")} others together`;
    return [...items, h("li", { class: "x-nt-rest" }, ...bar(others, rest.probability))];
  }
  function bar(word, probability) {
    return [
      h("span", { class: "x-nt-word" }, word),
      h("span", {
        class: "x-nt-bar",
        style: `--x-p: ${probability.toFixed(4)}`,
        "aria-hidden": "true"
      }),
      h("span", { class: "x-nt-number" }, chance(probability))
    ];
  }
  function pathItems(states, name, backTo) {
    return states.map(({ taken, probability }, t) => {
      const label = `Back to before “${name(taken)}”`;
      return h(
        "li",
        {},
        h(
          "button",
          { type: "button", onclick: () => backTo(t, `${label}.`), title: label },
          `${name(taken)} `,
          h("span", {}, chance(probability))
        )
      );
    });
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
      ", the sum of their logarithms."
    ];
  }

  // alignlib/explorables/src/next_tokens/view.js
  function render({ model, el }) {
    const data = model.get("data");
    const lms = models(model, data.config);
    const labels = new Map(data.models.map(({ name: name2, label }) => [name2, label]));
    const first = { using: data.models[0].name, prompt: data.prompt, path: [] };
    let now = first;
    let next = first;
    let shown = null;
    let random = generator(data.seed);
    const question = promptField({
      label: "Question",
      value: first.prompt,
      tokenizer: lms.tokenizer,
      oninput: compare
    });
    const differs = h(
      "p",
      { class: "x-note", hidden: true },
      "The text below is still that of the question before: press Start here."
    );
    const status = h("p", { class: "x-note x-nt-status", role: "status" });
    const state = h("p", { class: "x-nt-text", tabindex: "-1" });
    const options = h("ol", { class: "x-nt-options" });
    const taken = h("ol", { class: "x-nt-path" });
    const sum = h("p", { class: "x-nt-sum" });
    const tree = h("div", {});
    const button = (text2, onclick, type = "button") => h("button", { type, onclick }, text2);
    const likeliest2 = button("Most probable", () => take(greedy(here())));
    const draw2 = button("Sample one", () => take(sampled(here(), random)));
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
      onchange: (using) => move({ using }, `The same text, read by another model: ${labels.get(using)}.`)
    });
    const actions = h(
      "fieldset",
      { class: "x-nt-actions", "aria-label": "Actions", disabled: true },
      h("div", { class: "x-row" }, likeliest2, draw2, back, restart),
      options,
      taken,
      sum
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
    async function move(changes, said) {
      const focused = el.contains(document.activeElement) ? document.activeElement : null;
      const to = { ...next, ...changes };
      next = to;
      actions.disabled = true;
      status.textContent = "loading …";
      try {
        const [tokenizer, reader2] = await Promise.all([lms.tokenizer(), lms.load(to.using)]);
        if (next !== to) return;
        const ids = tokenizer.encode(chat(to.prompt));
        const over = excess(ids, 1, reader2.longest);
        if (over > 0) {
          refuse(`The question is ${over} ${over === 1 ? "token" : "tokens"} too long.`);
          return;
        }
        shown = read(tokenizer, reader2, ids, to.path);
      } catch (error) {
        if (next === to) refuse(`The model can’t be run here: ${error.message}`);
        return;
      }
      now = to;
      paint();
      status.textContent = said;
      keepFocus(focused);
    }
    function keepFocus(focused) {
      const at = document.activeElement;
      if (!focused || at !== document.body && !at.matches(":disabled")) return;
      const usable = focused.isConnected && !focused.matches(":disabled");
      (usable ? focused : options.querySelector("button") ?? state).focus();
    }
    function read(tokenizer, reader2, ids, path) {
      const full = ids.length + path.length >= reader2.longest;
      const ended = path.at(-1) === tokenizer.id(END);
      const states = follow(reader2, ids, path);
      const over = ended ? "the text has ended" : full && `the model reads no more than ${reader2.longest} tokens`;
      return { tokenizer, states: ended ? states.slice(0, -1) : states, over };
    }
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
      const text2 = tokenizer.decode(path.filter((token) => token !== tokenizer.id(END)));
      state.replaceChildren(
        h("span", { class: "x-nt-prompt" }, `User: ${prompt} Assistant: `),
        h("strong", {}, text2),
        over ? h("em", {}, ` (${over})`) : ""
      );
      const none = h("li", { class: "x-note" }, "There is no action here.");
      options.replaceChildren(...over ? [none] : optionItems(here(), name, take));
      const backTo = (t, said) => move({ path: path.slice(0, t) }, said);
      taken.replaceChildren(...pathItems(states.slice(0, path.length), name, backTo));
      taken.scrollTop = taken.scrollHeight;
      sum.replaceChildren(...totals(states.slice(0, path.length)));
      tree.replaceChildren(drawTree(states, name, treeInWords(states, name)));
      for (const each of [likeliest2, draw2]) each.disabled = Boolean(over);
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
          differs
        ),
        status,
        state,
        h("div", { class: "x-nt-columns" }, actions, tree)
      )
    );
    move({}, "");
  }
  var view_default = { render };
  return __toCommonJS(view_exports);
})();
