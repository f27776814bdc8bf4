// A table of numbers that follows the player: one row a series, one column a quantity, one sheet a frame.

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
    const sheet = cells.length * data.columns.length;
    $('caption').textContent = data.captions[Math.min(frame, data.captions.length - 1)];
    cells.forEach((row, r) => row.forEach((cell, c) => {
      const [x, y] = [0, 1].map((axis) => values[(frame * sheet + r * data.columns.length + c) * 2 + axis]);
      cell.textContent = Number.isNaN(x) ? '–' : `${short(x)}, ${short(y)}`;
    }));
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
      $('scroll').setAttribute('aria-label', data.title);
      $('head').replaceChildren(...[data.title, ...data.columns].map((text) => {
        const th = document.createElement('th');
        th.scope = 'col';
        th.textContent = text;
        return th;
      }));
      cells = [];
      $('body').replaceChildren(...data.rows.map(([name, colour]) => {
        const row = document.createElement('tr');
        const th = document.createElement('th');
        th.scope = 'row';
        th.textContent = name;
        th.style.setProperty('--swatch', colour);
        const tds = data.columns.map(() => document.createElement('td'));
        cells.push(tds);
        row.replaceChildren(th, ...tds);
        return row;
      }));
      show(Number(document.querySelector(`.st-key-${data.charts}`)?.dataset.frame ?? 0));
    },
    destroy() { document.removeEventListener('lab-frame', follow); },
  };
}

function short(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e4 || size < 1e-3 ? value.toExponential(1) : value.toPrecision(3);
  return text.replace('-', '−').replace('e−', 'e−').replace('e+', 'e');
}
