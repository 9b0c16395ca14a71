/* Fetches how far this version agrees with another one, after everything else, and draws it as a table with bars. */
"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const choice = at("compare-with"), state = at("comparison-state"), again = at("compare-again"), figures = at("comparison-figures");
  const MOST_TRIES = 20;
  let asked = null;

  function element(name, classes, ...content) {
    const made = document.createElement(name);
    if (classes) made.className = classes;
    made.append(...content.filter((part) => part !== null));
    return made;
  }

  const signed = (value, text) => (value > 0 ? `+${text}` : value < 0 ? `\u2212${text}` : text);
  const plain = (value, digits) => value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: true });
  const digits = (...volumes) => { const most = Math.max(...volumes); return most >= 100 ? 0 : most >= 10 ? 1 : most >= 1 ? 2 : 3; };
  const dice = (value) => (value < 1 && value > 0.9995 ? "> 0.999" : plain(value, 3));
  const of = (count, one, many) => `${count} ${count === 1 ? one : many}`;

  function bar(share, kind) {
    const fill = element("span", `ov-gauge-fill ${kind}`);
    fill.style.width = `${Math.min(Math.max(share, 0), 1) * 100}%`;
    const gauge = element("span", "ov-gauge", fill);
    gauge.setAttribute("aria-hidden", "true");
    return gauge;
  }

  function cell(name, ...content) {
    const made = element("td", "", ...content);
    made.dataset.name = name;
    return made;
  }

  function amount(size, places = digits(size.volume_ml)) {
    return size.volume_ml === null ? `${size.voxels.toLocaleString("en")} voxels` : `${plain(size.volume_ml, places)} ml`;
  }

  function reason(pair, figure, sentences) {
    return element("span", "ov-sub", `\u2013 ${sentences[pair.missing[figure]] || ""}`);
  }

  function row(pair, sentences) {
    const most = Math.max(pair.before.voxels, pair.after.voxels, 1);
    const both = pair.hausdorff_95_mm !== null;
    const places = digits(pair.before.volume_ml, pair.after.volume_ml);
    const named = pair.before.label === pair.after.label ? pair.after.label : `${pair.before.label} \u2192 ${pair.after.label}`;
    const head = element("th", "", named || `segment ${pair.after.number}`);
    head.scope = "row";
    return element("tr", "",
      head,
      cell("Dice", ...(pair.dice === null ? [reason(pair, "dice", sentences)] : [element("strong", "", dice(pair.dice)), bar(pair.dice, "ov-gauge-dice")])),
      cell("Volume", `${amount(pair.before, places)} \u2192 ${amount(pair.after, places)}`, bar(pair.before.voxels / most, "ov-gauge-before"), bar(pair.after.voxels / most, "ov-gauge-after")),
      cell("Change", ...(pair.volume_change_ml === null ? [reason(pair, "volume_change_ml", sentences)] : [
        `${signed(pair.volume_change_ml, plain(Math.abs(pair.volume_change_ml), places))} ml`,
        pair.volume_change_percent === null ? null : element("span", "ov-sub", ` (${signed(pair.volume_change_percent, plain(Math.abs(pair.volume_change_percent), 1))} %)`),
      ])),
      cell("Hausdorff 95 %", ...(both ? [`${plain(pair.hausdorff_95_mm, 1)} mm`, element("span", "ov-sub", ` (largest ${plain(pair.hausdorff_mm, 1)})`)] : [reason(pair, "hausdorff_95_mm", sentences)])),
    );
  }

  function alone(size, text) {
    const head = element("th", "", size.label || `segment ${size.number}`);
    head.scope = "row";
    const told = element("td", "", `${text}, ${amount(size)}`);
    told.colSpan = 4;
    return element("tr", "", head, told);
  }

  function draw(found, name) {
    const alike = found.pairs.filter((pair) => pair.common_voxels === pair.before.voxels && pair.common_voxels === pair.after.voxels);
    const moved = found.pairs.filter((pair) => !alike.includes(pair)).sort((one, other) => one.dice - other.dice);
    const rows = [
      ...found.only_before.map((size) => alone(size, `only in ${name}`)),
      ...found.only_after.map((size) => alone(size, "only in this version")),
      ...moved.map((pair) => row(pair, found.sentences)),
    ];
    const content = [];
    if (rows.length) {
      const titles = ["Segment", "Dice", `Volume, ${name} \u2192 this`, "Change", "Hausdorff 95 %"];
      const head = element("tr", "", ...titles.map((title) => { const made = element("th", "", title); made.scope = "col"; return made; }));
      content.push(element("table", "ov-table ov-compared", element("thead", "", head), element("tbody", "", ...rows)));
    }
    if (alike.length) {
      const names = alike.map((pair) => `${pair.after.label || `segment ${pair.after.number}`} (${amount(pair.after)})`).join(", ");
      content.push(element("details", "", element("summary", "", `${of(alike.length, "segment is", "segments are")} alike, voxel by voxel`), element("p", "ov-sub", names)));
    }
    if (found.fractional_threshold !== null) {
      content.push(element("p", "ov-sub", `A voxel of a fractional segmentation counts from ${found.fractional_threshold} of its maximum.`));
    }
    figures.replaceChildren(...content);
    const changed = moved.length + found.only_before.length + found.only_after.length;
    state.textContent = changed ? `${of(changed, "segment differs", "segments differ")} from ${name}.` : `No segment differs from ${name}.`;
  }

  function refuse(sentence, retry) {
    state.textContent = sentence;
    again.hidden = !retry;
  }

  async function compare(tries = 0) {
    asked?.abort();
    const own = asked = new AbortController();
    const { value, selectedOptions } = choice;
    const name = selectedOptions[0].dataset.name;
    again.hidden = true;
    if (!tries) figures.replaceChildren();
    state.textContent = tries ? `Waiting for another comparison to end\u2026` : `Comparing with ${name}\u2026`;
    const late = setTimeout(() => { state.textContent = `Still comparing with ${name}: every voxel of both is looked at\u2026`; }, 4000);
    try {
      const answer = await fetch(value, { credentials: "same-origin", signal: own.signal });
      if (answer.status === 503 && tries < MOST_TRIES) {
        setTimeout(() => { if (own === asked) compare(tries + 1); }, 1000 * Number(answer.headers.get("Retry-After") || 3));
        return;
      }
      const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
      const found = isJson ? await answer.json() : {};
      if (own !== asked) return;
      if (answer.ok && found.pairs) draw(found, name);
      else refuse(found.sentence || `It could not be compared with ${name}: load the page again.`, answer.status >= 500);
    } catch (error) {
      if (error.name !== "AbortError" && own === asked) refuse("The comparison did not come.", true);
    } finally {
      clearTimeout(late);
    }
  }

  choice.addEventListener("change", () => compare());
  again.addEventListener("click", () => compare());
  if (document.readyState === "complete") compare();
  else window.addEventListener("load", () => compare(), { once: true });
})();
