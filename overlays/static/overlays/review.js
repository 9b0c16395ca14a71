/* Pages through slices with the overlay drawn on them, each slice swapped in whole: never an image with another slice's overlay. */
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("drawing").textContent);
  const at = (id) => document.getElementById(id);
  const stage = at("stage"), layers = at("layers"), state = at("state"), slider = at("slice"), strip = at("strip");
  const SVG = "http://www.w3.org/2000/svg";
  const AHEAD = 3, KEPT = 60;
  const MANY = 8; // segments on a slice from which they are fetched in one picture, as long as none is hidden
  const hidden = new Set(), bare = new Set(data.bare);
  let current = data.first, opacity = (at("opacity")?.value ?? 50) / 100, outline = at("outline")?.checked ?? false, veiled = false;
  let present = data.present;
  const loaded = new Map(), noun = data.page.toLowerCase();

  const clamp = (index) => Math.min(Math.max(index, 0), data.slices - 1);
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function picture(address, segment) {
    return new Promise((done, failed) => {
      const image = new Image();
      image.decoding = "async";
      image.alt = "";
      image.draggable = false;
      if (segment !== undefined) {
        image.className = "ov-mask";
        image.dataset.segment = segment;
      }
      image.onload = () => done(image);
      image.onerror = () => failed(new Error(address));
      image.src = address;
    });
  }

  // What the server says instead of a picture; an image element does not tell it.
  async function reason(address) {
    try {
      const answer = await fetch(address);
      const isText = answer.headers.get("Content-Type")?.startsWith("text/plain");
      return !answer.ok && isText ? (await answer.text()).slice(0, 200) : "";
    } catch {
      return "";
    }
  }

  function load(index) {
    const window_ = at("window").value, style = at("scale")?.value ?? (outline ? "outline" : "fill");
    const many = present[index].length > MANY && Boolean(data.together);
    const wished = many ? present[index].filter((segment) => !hidden.has(segment)) : present[index];
    const together = many && wished.length === present[index].length;
    const name = `${index}/${window_}/${style}/${together ? "all" : wished.join()}`;
    if (loaded.has(name)) return loaded.get(name);
    const wanted = [];
    if (data.image && !bare.has(index)) wanted.push(picture(fill(data.image, { slice: index, window: window_ })));
    if (together) wanted.push(picture(fill(data.together, { slice: index, style }), "all"));
    else for (const segment of wished) wanted.push(picture(fill(data.layer, { slice: index, segment, style }), segment));
    const all = Promise.all(wanted);
    all.catch(() => loaded.delete(name));
    loaded.set(name, all);
    if (loaded.size > KEPT) loaded.delete(loaded.keys().next().value);
    return all;
  }

  function dress() {
    for (const mask of layers.querySelectorAll(".ov-mask")) {
      const off = veiled || hidden.has(Number(mask.dataset.segment));
      mask.style.opacity = off ? 0 : outline ? Math.max(opacity, 0.6) : opacity;
    }
    stage.classList.toggle("ov-veiled", veiled);
  }

  async function show(index) {
    current = clamp(index);
    slider.value = current + 1;
    at("position").textContent = `${current + 1} / ${data.slices}`;
    stage.setAttribute("aria-label", `${data.page} ${current + 1} of ${data.slices}; arrow keys page`);
    stage.style.setProperty("--ov-aspect", data.aspects[current]);
    moveCursor();
    const wanted = current;
    const late = setTimeout(() => { state.textContent = `Loading ${noun} ${wanted + 1}…`; stage.classList.add("ov-late"); }, 120);
    try {
      const images = await load(wanted);
      if (wanted !== current) return;
      layers.replaceChildren(...images);
      dress();
      state.textContent = "";
      stage.dataset.shown = String(wanted + 1);
      for (let step = 1; step <= AHEAD; step += 1) {
        for (const near of [wanted + step, wanted - step]) if (near === clamp(near)) load(near).catch(() => {});
      }
    } catch (fault) {
      if (wanted !== current) return;
      layers.replaceChildren();
      const said = (why) => `${data.page} ${wanted + 1} could not be drawn. ${why}Load the page again; if it stays so, tell the operators.`;
      state.textContent = said("");
      reason(fault.message).then((why) => { if (why && wanted === current && !layers.firstChild) state.textContent = said(`${why} `); });
    } finally {
      clearTimeout(late);
      if (wanted === current) stage.classList.remove("ov-late");
      at("progress").style.width = `${(100 * (current + 1)) / data.slices}%`;
    }
  }

  function shape(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function plot(counts) {
    const height = 40;
    const most = Math.max(1, ...counts.map((row) => row.reduce((sum, [, count]) => sum + count, 0)));
    const colours = new Map(data.segments.map((segment) => [segment.number, `rgb(${segment.colour.join(",")})`]));
    strip.setAttribute("viewBox", `0 0 ${data.slices} ${height}`);
    strip.replaceChildren();
    counts.forEach((row, index) => {
      let top = height;
      for (const [segment, count] of row) {
        const tall = Math.max((count / most) * (height - 2), count ? 1 : 0);
        top -= tall;
        strip.append(shape("rect", { x: index + 0.08, y: Math.max(top, 0), width: 0.84, height: tall, fill: colours.get(segment) || "grey" }));
      }
    });
    strip.append(shape("rect", { id: "cursor", x: current, y: 0, width: 1, height, class: "ov-cursor" }));
  }

  function moveCursor() {
    at("cursor")?.setAttribute("x", current);
  }

  function jump(step) {
    for (let index = current + step; index === clamp(index); index += step) {
      if (present[index].some((segment) => !hidden.has(segment))) return show(index);
    }
    return undefined;
  }

  function again() {
    loaded.clear();
    show(current);
  }

  function setOpacity(value) {
    if (!at("opacity")) return;
    opacity = Math.min(Math.max(value, 0), 1);
    at("opacity").value = Math.round(opacity * 100);
    dress();
  }

  function toggle(number) {
    const box = document.querySelector(`#segments input[data-segment="${number}"]`);
    if (!box) return;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function turn(id) {
    const list = at(id);
    if (!list) return;
    list.selectedIndex = (list.selectedIndex + 1) % list.options.length;
    list.dispatchEvent(new Event("change"));
  }

  function ends() {
    if (!at("ends")) return;
    const scale = data.scales.find((each) => each.name === at("scale").value);
    at("ends").replaceChildren(...scale.ends.map((end) => {
      const row = document.createElement("div"), bar = document.createElement("span");
      const named = data.segments.find((segment) => segment.number === end.number);
      bar.className = "ov-ramp";
      bar.style.background = `linear-gradient(to right, ${data.ramp.map((colour) => `rgb(${colour.join(",")})`).join(",")})`;
      row.append(`${named?.label ?? ""}: ${end.low}`, bar, `${end.high} ${end.unit}`.trim());
      return row;
    }));
  }

  function help(open) {
    at("help").hidden = !open;
    at("help-button").setAttribute("aria-expanded", String(open));
  }

  function chosen() {
    for (const box of at("segments").querySelectorAll("input")) {
      const number = Number(box.dataset.segment);
      if (box.checked) hidden.delete(number); else hidden.add(number);
    }
    dress();
    if (present[current].length > MANY) show(current);
  }

  function chooseAll(checked) {
    for (const box of at("segments").querySelectorAll("input")) box.checked = checked;
    chosen();
  }

  const on = (id, event, act) => at(id)?.addEventListener(event, act);
  on("segments", "change", chosen);
  on("all-segments", "click", () => chooseAll(true));
  on("no-segment", "click", () => chooseAll(false));
  slider.addEventListener("input", () => show(Number(slider.value) - 1));
  on("opacity", "input", (event) => setOpacity(event.target.value / 100));
  on("outline", "change", (event) => { outline = event.target.checked; again(); });
  on("scale", "change", () => { ends(); again(); });
  on("window", "change", again);
  on("next", "click", () => jump(1));
  on("previous", "click", () => jump(-1));
  on("help-button", "click", () => help(at("help").hidden));
  strip.addEventListener("click", (event) => {
    const box = strip.getBoundingClientRect();
    show(Math.floor(((event.clientX - box.left) / box.width) * data.slices));
  });

  let turned = 0;
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    turned += event.deltaMode ? event.deltaY * 40 : event.deltaY;
    const steps = Math.trunc(turned / 40);
    if (!steps) return;
    turned -= steps * 40;
    show(current + Math.sign(steps));
  }, { passive: false });

  let touched = null;
  stage.addEventListener("touchstart", (event) => {
    touched = event.touches.length === 1 ? { y: event.touches[0].clientY, from: current } : null;
  }, { passive: true });
  stage.addEventListener("touchmove", (event) => {
    if (!touched) return;
    event.preventDefault();
    show(touched.from + Math.trunc((touched.y - event.touches[0].clientY) / 12));
  }, { passive: false });

  const keys = {
    ArrowDown: () => show(current + 1), ArrowRight: () => show(current + 1),
    ArrowUp: () => show(current - 1), ArrowLeft: () => show(current - 1),
    PageDown: () => show(current + 10), PageUp: () => show(current - 10),
    Home: () => show(0), End: () => show(data.slices - 1),
    n: () => jump(1), p: () => jump(-1),
    "+": () => setOpacity(opacity + 0.1), "=": () => setOpacity(opacity + 0.1), "-": () => setOpacity(opacity - 0.1),
    h: () => { veiled = !veiled && data.segments.length > 0; dress(); },
    o: () => { if (at("outline")) at("outline").click(); else turn("scale"); },
    w: () => turn("window"),
    "?": () => help(at("help").hidden),
    Escape: () => help(false),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=range])")) return;
    if (event.target.type === "range" && /^(Arrow|Page|Home|End)/.test(event.key)) return;
    if (/^[1-9]$/.test(event.key)) {
      const segment = data.segments[Number(event.key) - 1];
      if (segment) toggle(segment.number);
      return;
    }
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  function tell(counts) {
    for (const place of document.querySelectorAll("[data-slices-of]")) {
      const number = Number(place.dataset.slicesOf);
      const slices = counts.filter((row) => row.some(([segment, count]) => segment === number && count)).length;
      place.textContent = `${place.previousSibling?.textContent ? " · " : ""}${slices} ${noun}${slices === 1 ? "" : "s"}`;
    }
  }

  const rough = present.map((row) => row.map((segment) => [segment, 1]));
  plot(rough);
  tell(rough);
  setOpacity(opacity);
  ends();
  show(current);
  fetch(data.overview, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((found) => {
      if (!found || !found.counts) return;
      plot(found.counts);
      tell(found.counts);
      // Faint parts of a fractional segment are drawn though they are not counted; only a label map knows its segments by their pixels.
      if (!data.labelmap) return;
      const exact = found.counts.map((row) => row.filter(([, count]) => count).map(([segment]) => segment));
      const moved = !exact[current].length ? exact.findIndex((row) => row.length) : -1;
      present = exact;
      loaded.clear();
      show(moved >= 0 ? moved : current);
    })
    .catch(() => {});
})();
