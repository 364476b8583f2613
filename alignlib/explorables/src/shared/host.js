// Where an explorable lives: in a notebook, with a kernel's data, or on a page of the site.

// The bytes of a file that the explorable needs. A kernel sends them with the data; a page of the
// site loads them when they are asked for.
export async function asset(model, name) {
  const held = model.get("assets")?.[name];
  if (held) return new Uint8Array(held.buffer, held.byteOffset, held.byteLength);
  const load = model.get("load");
  if (!load) throw new Error(`there is no ${name} here`);
  return load(name);
}
