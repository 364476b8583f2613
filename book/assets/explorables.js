// Bring the page's explorables to life, each when it is about to be seen. A notebook's HTML holds
// its name and data; the scripts lie beside this one. Classic scripts, so that a page opened from
// the disk works too.
(() => {
  const folder = new URL("explorables/", document.currentScript.src).href;
  const loads = new Map();

  function script(name) {
    const element = document.createElement("script");
    element.src = folder + name;
    return new Promise((resolve, reject) => {
      element.onload = () => resolve(globalThis.explorable);
      element.onerror = () => reject(new Error(`${element.src} did not load`));
      document.head.append(element);
    });
  }

  function once(name, load) {
    if (!loads.has(name)) loads.set(name, load(name));
    return loads.get(name);
  }

  // A file as bytes. Its script hands over base64, since a page on the disk can't fetch.
  async function asset(name) {
    await once(`assets/${name}.js`, script);
    const text = atob(globalThis.explorableAssets[name]);
    const bytes = new Uint8Array(text.length);
    for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
    return bytes;
  }

  // What anywidget calls a model, for a page without a kernel.
  function page(data) {
    const values = { data, load: asset };
    return {
      get: (key) => values[key],
      set: (key, value) => {
        values[key] = value;
      },
      on: () => {},
      off: () => {},
      save_changes: () => {},
    };
  }

  async function mount(element) {
    const source = element.querySelector('script[type="application/json"]');
    const bundle = await once(`${element.dataset.explorable}.js`, script);
    const room = document.createElement("div");
    await bundle.default.render({ model: page(JSON.parse(source.textContent)), el: room });
    element.querySelector("p").hidden = true; // the figure has its own words
    element.append(room);
    element.dataset.mounted = "";
  }

  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        mount(target).catch((error) => console.error(error)); // the words stay
      }
    },
    { rootMargin: "600px" },
  );
  for (const element of document.querySelectorAll(".explorable")) seen.observe(element);
})();
