// Elements without a framework.

const SVG = "http://www.w3.org/2000/svg";

// An HTML element: h("button", { class: "step", onclick: step }, "Step").
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

// An SVG element.
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

let count = 0;

// An id that no other element of the page has.
export function freshId(prefix) {
  count += 1;
  return `${prefix}-${count}-${Math.random().toString(36).slice(2, 8)}`;
}

// A labelled range input with its value beside it. `show` writes a value as text.
export function slider({ label, min, max, step, value, show = String, onchange }) {
  const id = freshId("slider");
  const output = h("output", { for: id }, show(value));
  const input = h("input", {
    id,
    type: "range",
    min,
    max,
    step,
    value,
    "aria-valuetext": show(value),
  });
  input.addEventListener("input", () => {
    const now = Number(input.value);
    output.textContent = show(now);
    input.setAttribute("aria-valuetext", show(now));
    onchange(now);
  });
  return h("div", { class: "x-field" }, h("label", { for: id }, label), input, output);
}

// A labelled choice of one from a list of [value, text].
export function choice({ label, options, value, onchange }) {
  const id = freshId("choice");
  const select = h(
    "select",
    { id, onchange: () => onchange(select.value) },
    options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)),
  );
  return h("div", { class: "x-field" }, h("label", { for: id }, label), select);
}

// A labelled checkbox.
export function checkbox({ label, checked, onchange }) {
  const id = freshId("checkbox");
  const input = h("input", { id, type: "checkbox", checked });
  input.addEventListener("change", () => onchange(input.checked));
  return h("div", { class: "x-field x-check" }, input, h("label", { for: id }, label));
}

// Whether the reader has asked for less motion.
export function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
