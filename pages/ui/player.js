// The transport bar: moves the `frame` parameter of every Vega chart inside one container.
// Nothing here sends a message to the server.

const LEFT = 'ml-interview-lab-frame'; // address, charts and frame at which this tab was left

const players = new WeakMap();

export default function ({ parentElement, data }) {
  let player = players.get(parentElement);
  if (!player) players.set(parentElement, (player = create(parentElement)));
  player.update(data);
  return player.destroy;
}

function create(root) {
  const $ = (name) => root.querySelector(`[data-part=${name}]`);
  const [play, scrub, at, speed, loop] = ['play', 'scrub', 'at', 'speed', 'loop'].map($);
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  let data = { frames: 1, labels: [''], rate: 10, scene: null };
  let frame = 0, position = 0, playing = false, request = 0, before = 0;
  let container = null, observer = null, late = 0;

  const last = () => data.frames - 1;
  const inputs = () => container?.querySelectorAll('input[name="frame"]') ?? [];

  function push() {
    for (const input of inputs()) {
      if (Number(input.value) === frame) continue;
      input.value = frame;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }
    if (container) container.dataset.frame = frame;
    document.dispatchEvent(new CustomEvent('lab-frame', { detail: { charts: data.charts, frame } }));
  }

  function show(next) {
    frame = Math.max(0, Math.min(Math.round(next), last()));
    scrub.value = frame;
    at.textContent = data.labels[frame];
    scrub.setAttribute('aria-valuetext', data.labels[frame]);
    push();
  }

  function tick(now) {
    if (!playing) return;
    const elapsed = Math.min(now - before, 250) / 1000;
    before = now;
    // Reduced motion: twelve still pictures, two each second, instead of a film.
    position += calm.matches ? (elapsed * 2 * last()) / 12 : elapsed * data.rate * Number(speed.value);
    if (position >= last()) {
      if (!loop.checked) { show(last()); return pause(); }
      position = 0;
    }
    const stride = calm.matches ? Math.max(1, Math.ceil(last() / 12)) : 1;
    const next = Math.floor(position / stride) * stride;
    if (next !== frame) show(next);
    request = requestAnimationFrame(tick);
  }

  function pause() {
    playing = false;
    cancelAnimationFrame(request);
    play.setAttribute('aria-label', 'Play');
    play.dataset.state = 'paused';
    at.setAttribute('aria-live', 'polite');
  }

  function start() {
    playing = true;
    play.setAttribute('aria-label', 'Pause');
    play.dataset.state = 'playing';
    at.setAttribute('aria-live', 'off'); // a screen reader hears where it stopped, not every frame
    if (frame >= last()) show(0);
    position = frame;
    before = performance.now();
    request = requestAnimationFrame(tick);
  }

  function go(next) { pause(); show(next); }

  play.onclick = () => (playing ? pause() : start());
  $('back').onclick = () => go(frame - 1);
  $('forward').onclick = () => go(frame + 1);
  scrub.oninput = () => go(Number(scrub.value));
  speed.onchange = () => { position = frame; };
  $('bar').onkeydown = (event) => {
    if (event.target === speed) return;
    const moves = { ArrowLeft: frame - 1, ArrowRight: frame + 1, Home: 0, End: last() };
    if (event.key in moves) go(moves[event.key]);
    else if (event.key === ' ' && event.target === scrub) play.click();
    else return;
    event.preventDefault();
  };

  const leave = () => {
    try {
      sessionStorage.setItem(LEFT, JSON.stringify([location.href, data.charts, frame]));
    } catch { /* a browser that stores nothing: a reload begins anew */ }
  };
  window.addEventListener('pagehide', leave);

  return {
    update(next) {
      const moved = next.scene !== data.scene;
      const ended = frame === last(); // then at the end of a longer film too: the page speaks of it
      data = next;
      container = document.querySelector(`.st-key-${data.charts}`);
      hideVegaInputs(data.charts);
      scrub.max = last();
      observer?.disconnect();
      if (container) {
        // A chart that is drawn anew starts at frame 0: bring it to where the others are. Not before it is laid out,
        // which it does at once: the labels of rows that this frame does not have would get no room.
        observer = new MutationObserver(() => {
          clearTimeout(late);
          late = setTimeout(() => {
            for (const input of inputs()) if (Number(input.value) !== frame) return push();
          });
        });
        observer.observe(container, { childList: true, subtree: true });
      }
      if (moved) go(reloaded(data.charts) ?? data.frame);
      else show(ended ? last() : frame);
    },
    destroy() {
      pause();
      clearTimeout(late);
      observer?.disconnect();
      window.removeEventListener('pagehide', leave);
    },
  };
}

// The frame at which a film stood when the page was reloaded, once.
let isReload = performance.getEntriesByType('navigation')[0]?.type === 'reload';
function reloaded(charts) {
  if (!isReload) return null;
  isReload = false;
  try {
    const [address, of, frame] = JSON.parse(sessionStorage.getItem(LEFT));
    return address === location.href && of === charts ? frame : null;
  } catch {
    return null;
  }
}

// Vega draws its own slider for the parameter; it stays in the page as the fallback until the bar is there.
function hideVegaInputs(charts) {
  const id = `hide-vega-inputs-${charts}`;
  if (document.getElementById(id)) return;
  const style = document.createElement('style');
  style.id = id;
  style.textContent = `.st-key-${charts} .vega-bindings { display: none !important; }`;
  document.head.append(style);
}
