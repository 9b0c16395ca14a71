/** Draws label, warning and reasons over the viewports, in an element of its own: OHIF's are made anew at any time. */

const STYLE = `
#registry-gate { position: fixed; inset: 0; pointer-events: none; z-index: 45; font: 13px/1.35 system-ui, sans-serif; }
.rg-stack { position: absolute; display: flex; flex-direction: column; justify-content: flex-end; align-items: center; gap: 4px;
  padding: 0 8px 30px; box-sizing: border-box; overflow: hidden; }
.rg-box { pointer-events: auto; max-width: min(100%, 46em); max-height: 100%; overflow: auto; box-sizing: border-box; padding: 6px 10px;
  border-radius: 6px; border: 1px solid #7fb7d1; background: #0d2a36; color: #e3f5ff; overflow-wrap: anywhere; }
.rg-box:focus-visible, .rg-box :focus-visible { outline: 3px solid #fff; outline-offset: 1px; }
.rg-box.rg-warns { border-color: #ffcf5c; background: #3a2a00; color: #fff2cc; }
.rg-box.rg-cover { position: absolute; inset: 0; max-width: none; display: grid; place-content: center; background: #000; color: #fff; }
.rg-label { font-weight: 600; }
.rg-box p, .rg-box form { margin: 3px 0 0; }
.rg-acts { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 5px; }
.rg-box button, .rg-box select, .rg-box textarea { font: inherit; color: #111; background: #fff; border: 1px solid #555; border-radius: 4px;
  padding: 4px 10px; min-height: 28px; max-width: 100%; box-sizing: border-box; }
.rg-box textarea { width: 100%; }
.rg-box label { display: block; margin-top: 4px; }`;

/** An element with a class and a text; never HTML from an answer. */
export function element(page, name, text = '', kind = '') {
  const made = page.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

/** Pixels below which a label cannot be read. */
const NARROWEST = 300;
/** What of a ruling is seen: while it is the same, a label, and the form that somebody fills in there, stays. */
const READ = ['label', 'warning', 'reasons', 'sop', 'state', 'version'];

export class Labels {
  constructor({ page = document, place }) {
    this._page = page;
    this._place = place;
    this._stacks = new Map();
    this._boxes = new Map();
    this._layer = element(page, 'div');
    this._layer.id = 'registry-gate';
    this._layer.append(element(page, 'style', STYLE));
  }

  /**
   * Make the page show these and no others: of each `{viewport, key, ruling, cover, acts}`. With `cover`, a sentence, nothing of the
   * viewport is seen. `acts` makes an element that is put below the words, or nothing.
   */
  draw(wanted) {
    if (!this._layer.isConnected) this._page.body.append(this._layer);
    const kept = new Set();
    for (const each of wanted) {
      const name = JSON.stringify([each.viewport, each.key]);
      kept.add(name);
      const words = JSON.stringify(each.cover ?? [...READ.map(name => each.ruling[name]), Boolean(each.acts)]);
      const box = this._boxes.get(name);
      if (box?.words !== words) {
        box?.element.remove();
        const made = each.cover ? this._cover(each.cover) : this._label(each);
        this._stack(each.viewport).append(made);
        this._boxes.set(name, { element: made, words });
      }
    }
    for (const [name, box] of this._boxes) {
      if (kept.has(name)) continue;
      box.element.remove();
      this._boxes.delete(name);
    }
    this._arrange();
  }

  _stack(viewport) {
    if (!this._stacks.has(viewport)) {
      const made = element(this._page, 'div', '', 'rg-stack');
      this._layer.append(made);
      this._stacks.set(viewport, made);
    }
    return this._stacks.get(viewport);
  }

  /** Put each stack where its viewport is. */
  _arrange() {
    for (const [viewport, stack] of this._stacks) {
      if (!stack.childElementCount) {
        stack.remove();
        this._stacks.delete(viewport);
        continue;
      }
      const { left, top, width, height } = this._place(viewport).getBoundingClientRect();
      const whole = this._page.documentElement.clientWidth;
      const wide = Math.max(width, Math.min(NARROWEST, whole)); // beside OHIF's panels a phone leaves too little to be read
      const within = Math.max(0, Math.min(left - (wide - width) / 2, whole - wide));
      const bounds = { left: within, top, width: wide, height };
      for (const [side, pixels] of Object.entries(bounds)) stack.style[side] = `${pixels}px`;
    }
  }

  _cover(sentence) {
    const box = element(this._page, 'div', sentence, 'rg-box rg-cover');
    box.setAttribute('role', 'status');
    return box;
  }

  _label({ ruling, acts }) {
    const box = element(this._page, 'section', '', ruling.warning ? 'rg-box rg-warns' : 'rg-box');
    box.tabIndex = 0;
    box.setAttribute('aria-label', 'AI overlay in this image');
    const words = element(this._page, 'div');
    words.setAttribute('role', 'status');
    words.append(element(this._page, 'div', ruling.label, 'rg-label'));
    if (ruling.warning) words.append(element(this._page, 'p', `Warning: ${ruling.warning}`, 'rg-warning'));
    const others = ruling.reasons.filter(reason => !ruling.warning.includes(reason));
    if (others.length) words.append(element(this._page, 'p', others.join(' '), 'rg-reasons'));
    box.append(words);
    const below = acts?.();
    if (below) box.append(below);
    for (const kind of ['pointerdown', 'pointerup', 'mousedown', 'wheel', 'dblclick', 'keydown', 'keyup', 'contextmenu']) {
      box.addEventListener(kind, event => event.stopPropagation(), { passive: true }); // OHIF's keys and tools are not meant
    }
    return box;
  }
}
