// Counts down in the browser; the server says where from.

const timers = new WeakMap();

export default function ({ parentElement, data }) {
  let timer = timers.get(parentElement);
  if (!timer) timers.set(parentElement, (timer = create(parentElement)));
  timer.update(data);
  return timer.destroy;
}

function create(root) {
  const [box, left, said] = ['timer', 'left', 'said'].map((name) => root.querySelector(`[data-part=${name}]`));
  let name = null, end = 0, clock = 0;

  function show() {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    left.textContent = seconds ? `${text} left` : 'Time is up: finish your sentence';
    box.toggleAttribute('data-over', !seconds);
    if (!seconds || seconds === 60) said.textContent = seconds ? 'One minute left' : 'Time is up';
    if (!seconds) clearInterval(clock);
  }

  return {
    update(data) {
      if (data.name === name) return; // a rerun in between: go on counting
      name = data.name;
      end = performance.now() + 1000 * data.seconds;
      said.textContent = '';
      clearInterval(clock);
      clock = setInterval(show, 250);
      show();
    },
    destroy() { clearInterval(clock); },
  };
}
