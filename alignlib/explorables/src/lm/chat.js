// The tiny model's chat template: what it reads when a user asks something.

export const BEGIN = "<|begin|>";
export const END = "<|end|>";

// A chat of one request, under a system prompt if there is one, up to where the answer begins.
export function chat(request, system = "") {
  const before = system ? `${system}\n` : "";
  return `${BEGIN}${before}User:\n${request}\nAssistant:\n`;
}
