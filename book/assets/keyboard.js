// What a reader without a mouse needs and the theme's scripts leave out.
(() => {
  // A box whose content is wider than itself is reached by the Tab key, so that arrows scroll it.
  const boxes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  addEventListener("load", async () => {
    await globalThis.MathJax?.startup.promise;
    const wide = "article :is(div.math, mjx-container[display], .cell_output)";
    for (const box of document.querySelectorAll(wide)) boxes.observe(box);
  });

  // The theme takes the focus from a button that was clicked. A key's click (detail 0) leaves it.
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest("button");
      if (button) button.blur = event.detail ? HTMLElement.prototype.blur : () => {};
    },
    { capture: true },
  );

  // The button of the chapters' list says whether the list is shown.
  const toggle = document.querySelector(".primary-toggle");
  const sidebar = document.querySelector("#pst-primary-sidebar");
  function tell() {
    const folded = sidebar.classList.contains("pst-sidebar-hidden");
    toggle.setAttribute("aria-expanded", sidebar.checkVisibility() && !folded);
  }
  if (toggle && sidebar) {
    new ResizeObserver(tell).observe(sidebar);
    new MutationObserver(tell).observe(sidebar, { attributeFilter: ["class"] });
  }
})();
