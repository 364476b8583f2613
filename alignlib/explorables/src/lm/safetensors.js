// Read a safetensors file: a header's length, a JSON header, and the tensors one after another.
// Left out: types other than float16 and float32.

const SIZES = { F16: 2, F32: 4 };

export class SafetensorsError extends Error {}

// The tensors by name, each { shape, data: Float32Array }, and the metadata.
export function readSafetensors(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  require(bytes.length >= 8, `the file has ${bytes.length} bytes, too few for a header`);
  const length = view.getBigUint64(0, true);
  const room = bytes.length - 8;
  require(length <= BigInt(room), `the header is to have ${length} bytes, the file has ${room}`);
  const start = 8 + Number(length);
  const header = parse(bytes.subarray(8, start));
  const body = bytes.subarray(start);
  const tensors = new Map();
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
    // said below
  }
  require(isRecord(header), "the header is no JSON object");
  return header;
}

function tensor(name, entry, body) {
  require(isRecord(entry), `${name} is not described`);
  const { dtype, shape, data_offsets: offsets } = entry;
  require(Object.hasOwn(SIZES, dtype), `${name} is of type ${dtype}, not float16 or float32`);
  require(Array.isArray(shape) && shape.every(isCount), `${name} has no shape`);
  require(Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(isCount), `${name} has no place`);
  const [begin, end] = offsets;
  require(begin <= end && end <= body.length, `${name} lies outside the file`);
  const count = shape.reduce((product, size) => product * size, 1);
  const needed = count * SIZES[dtype];
  require(end - begin === needed, `${name} has ${end - begin} bytes, its shape needs ${needed}`);
  const view = new DataView(body.buffer, body.byteOffset + begin, end - begin);
  const data = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    data[i] = dtype === "F16" ? float16(view.getUint16(2 * i, true)) : view.getFloat32(4 * i, true);
  }
  return { shape, data };
}

// The number that 16 bits stand for: a sign, 5 bits of exponent, 10 of fraction.
export function float16(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1024 + fraction) * POWERS[exponent];
}

const POWERS = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (exponent - 25));

function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

function require(holds, problem) {
  if (!holds)
    throw new SafetensorsError(`This is no safetensors file that can be read: ${problem}.`);
}
