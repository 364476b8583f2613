// While a page prints it is light, and what is folded away is open. After that it is as it was.
(() => {
  const root = document.documentElement;
  let restore = () => {};

  addEventListener("beforeprint", () => {
    const theme = root.dataset.theme;
    const folded = [...document.querySelectorAll("article details:not([open])")];
    root.dataset.theme = "light";
    for (const details of folded) details.open = true;
    restore = () => {
      root.dataset.theme = theme;
      for (const details of folded) details.open = false;
    };
  });
  addEventListener("afterprint", () => restore());
})();
