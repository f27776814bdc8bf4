// Names the charts for screen readers by what they show now. Streamlit's own `alt` belongs to the chart's
// specification: changing it would draw the whole chart anew at every slider move.

const watchers = new WeakMap();

export default function ({ parentElement, data }) {
  watchers.get(parentElement)?.disconnect();
  const apply = () => {
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
  return () => watcher.disconnect();
}
