// A table of numbers that follows the player: one number in each cell, for each frame.

const tables = new WeakMap();

export default function ({ parentElement, data }) {
  let table = tables.get(parentElement);
  if (!table) tables.set(parentElement, (table = create(parentElement)));
  table.update(data);
  return table.destroy;
}

function create(root) {
  const $ = (name) => root.querySelector(`[data-part=${name}]`);
  let data = null, values = null, cells = [];

  function show(frame) {
    const last = values.length / cells.length - 1;
    const start = Math.min(frame, last) * cells.length;
    cells.forEach((cell, i) => {
      const value = values[start + i];
      cell.textContent = Number.isNaN(value)
        ? '–'
        : value.toFixed(data.decimals[Math.floor(i / data.columns.length)]).replace('-', '−');
    });
  }

  const follow = (event) => {
    if (data && event.detail.charts === data.charts) show(event.detail.frame);
  };
  document.addEventListener('lab-frame', follow);

  return {
    update(next) {
      data = next;
      const bytes = Uint8Array.from(atob(data.values), (letter) => letter.charCodeAt(0));
      values = new Float32Array(bytes.buffer);
      $('caption').textContent = data.title;
      $('scroll').setAttribute('aria-label', data.title);
      $('head').replaceChildren(element('td', ''), ...data.columns.map(([name, colour]) => {
        const th = element('th', name, 'col');
        if (colour) th.style.setProperty('--swatch', colour);
        return th;
      }));
      cells = [];
      $('body').replaceChildren(...data.rows.map(([name, formula]) => {
        const row = document.createElement('tr');
        const th = element('th', name, 'row');
        if (formula) th.append(element('span', formula));
        const its = data.columns.map(() => element('td', ''));
        cells.push(...its);
        row.replaceChildren(th, ...its);
        return row;
      }));
      show(Number(document.querySelector(`.st-key-${data.charts}`)?.dataset.frame ?? 0));
    },
    destroy() { document.removeEventListener('lab-frame', follow); },
  };
}

function element(tag, text, scope) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (scope) made.scope = scope;
  return made;
}
