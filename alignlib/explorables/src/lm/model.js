// A Llama in plain JavaScript, one token at a time: RMSNorm, attention with rotary embeddings and a
// cache of keys and values, SwiGLU, and the embedding once more as the head.
// Left out: batches, grouped keys and values, biases, and every model larger than a toy.

import { add, normalized, product, rotate, softmaxInPlace } from "./matrix.js";

// The weights by what they do. `config` is the model's config.json.
export function buildModel(tensors, config) {
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
      down: at("mlp.down_proj", H, F),
    };
  });
  const embedding = take("model.embed_tokens.weight", V, H);
  return { config, embedding, layers, norm: take("model.norm.weight", H) };
}

// Reads texts of one model. It keeps what it has computed of the last text, so that a text that
// begins in the same way costs only its new tokens.
export function reader(model) {
  const { config, embedding, layers, norm } = model;
  const { hidden_size: H, intermediate_size: F, rms_norm_eps: epsilon } = config;
  const { num_attention_heads: heads, max_position_embeddings: longest } = config;
  const theta = config.rope_parameters.rope_theta;
  const width = H / heads;
  const cache = layers.map(() => ({
    keys: new Float32Array(longest * H),
    values: new Float32Array(longest * H),
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
    for (let i = 0; i < F; i += 1) raised[i] *= gated[i] / (1 + Math.exp(-gated[i])); // SiLU
    add(x, product(layer.down, raised, out));
  }

  // The (V) logits of the token that follows the tokens `ids`.
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
