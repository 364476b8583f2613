import { h } from "../shared/dom.js";

function render({ model, el }) {
  el.append(h("div", { class: "x-root" }, `hello ${JSON.stringify(model.get("data"))}`));
}

export default { render };
