// Names the charts for screen readers by what they show now. Streamlit's own `alt` belongs to the chart's
// specification: changing it would draw the whole chart anew at every slider move.
// Streamlit draws charts anew when the theme changes, but does not tell the server, which chooses the colours of
// words and pictures: this does.
// A finger sends no `pointermove`, without which Vega does not know what a tap has met: this sends it, and at the next
// touch the `pointerout` that takes the tooltip away.

const watchers = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  watchers.get(parentElement)?.disconnect();
  let told = data.dark;
  let waiting = 0;
  const compareTheme = () => {
    waiting = 0;
    if (told !== isDark()) setTriggerValue('theme', (told = isDark()));
  };
  const apply = () => {
    waiting ||= requestAnimationFrame(compareTheme); // when styles are computed anyway
    const charts = document.querySelectorAll('[data-testid="stVegaLiteChart"]'); // in the order of drawing
    data.alts.forEach((text, i) => {
      if (charts[i]?.hasAttribute('aria-label') && charts[i].getAttribute('aria-label') !== text) {
        charts[i].setAttribute('aria-label', text);
      }
    });
  };
  apply();
  // Charts are mounted later than this, and again when the theme changes.
  const watcher = new MutationObserver(apply);
  watcher.observe(document.querySelector('[data-testid="stMain"]') ?? document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ['aria-label'],
  });
  watchers.set(parentElement, watcher);
  return () => {
    watcher.disconnect();
    cancelAnimationFrame(waiting);
  };
}

let pointer = 'mouse';
let tapped = null; // the chart that a finger is said to point at
document.addEventListener('pointerdown', ({ pointerType }) => {
  pointer = pointerType;
  tapped?.dispatchEvent(new PointerEvent('pointerout', { bubbles: true }));
  tapped = null;
}, true);
document.addEventListener('mousedown', ({ target, clientX, clientY }) => {
  if (pointer === 'mouse' || !target.matches('[data-testid="stVegaLiteChart"] canvas')) return;
  tapped = target;
  target.dispatchEvent(new PointerEvent('pointermove', { pointerType: pointer, clientX, clientY, bubbles: true }));
}, true);

function isDark() {
  const background = getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor;
  return background.match(/\d+/g).slice(0, 3).every((part) => part < 128);
}
