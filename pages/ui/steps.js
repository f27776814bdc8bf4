// A table of numbers that follows the player: a column for each method, a row for each quantity.

const tables = new WeakMap();

export default function ({ parentElement, data }) {
  let table = tables.get(parentElement);
  if (!table) tables.set(parentElement, (table = create(parentElement)));
  table.update(data);
  return table.destroy;
}

function create(root) {
  const $ = (name) => root.querySelector(`[data-part=${name}]`);
  let data = null, values = null, cells = []; // cells[quantity][method]

  function show(frame) {
    const [m, q] = [data.methods.length, data.quantities.length];
    $('caption').textContent = frame ? `Step ${frame}. ${data.title}` : 'The start: no step yet.';
    cells.forEach((row, j) => row.forEach((cell, i) => {
      const at = ((frame * m + i) * q + j) * 2;
      cell.textContent = Number.isNaN(values[at]) ? '–' : `${short(values[at])}, ${short(values[at + 1])}`;
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
      $('head').replaceChildren(element('td', ''), ...data.methods.map(([name, colour]) => {
        const th = element('th', name, 'col');
        th.style.setProperty('--swatch', colour);
        return th;
      }));
      cells = data.quantities.map(() => data.methods.map(() => element('td', '')));
      $('body').replaceChildren(...data.quantities.map((name, j) => {
        const row = document.createElement('tr');
        row.replaceChildren(element('th', name, 'row'), ...cells[j]);
        return row;
      }));
      const frame = Number(document.querySelector(`.st-key-${data.charts}`)?.dataset.frame ?? 0);
      show(Math.min(frame, values.length / 2 / data.methods.length / data.quantities.length - 1));
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

function short(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e4 || size < 1e-3 ? value.toExponential(1) : value.toPrecision(3);
  return text.replace(/-/g, '−').replace('e+', 'e');
}
