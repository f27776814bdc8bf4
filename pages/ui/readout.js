// A table of numbers that follows the player: one or more numbers in each cell, for each frame.

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
    const { columns, decimals, numbers } = data;
    const size = cells.length * numbers;
    const start = Math.min(frame, values.length / size - 1) * size;
    cells.forEach((cell, i) => {
      const its = [...values.slice(start + i * numbers, start + (i + 1) * numbers)];
      const row = Math.floor(i / columns.length);
      const write = (value) => (decimals ? value.toFixed(decimals[row]) : short(value)).replace(/-/g, '−');
      cell.textContent = its.some(Number.isNaN) ? '–' : its.map(write).join(', ');
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

// As `numbers.short` in Python, but with all three digits, so that a column keeps its width.
function short(value) {
  if (value === 0) return '0';
  const size = Math.abs(Number(value.toPrecision(3)));
  if (size >= 1e-3 && size < 1e3) return value.toPrecision(3);
  if (size >= 1e3 && size < 1e6) return Math.round(value).toLocaleString('en');
  const [mantissa, power] = value.toExponential(2).split('e');
  return `${mantissa}×10${[...power.replace('+', '')].map((sign) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(sign)]).join('')}`;
}
