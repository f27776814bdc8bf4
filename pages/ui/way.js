// The way back: one entry of the browser's history for each place that the visitor went to.
// A link with settings makes Streamlit push the settings onto the address of the page that is left, then onto that of
// the page to come, which drops its defaults one by one: Back would lead through all of these, to wrong pages.

const push = history.pushState.bind(history);
let isArriving = true; // the visitor has done nothing here yet: what changes in the address is the page's own doing
let left = null; // the entry that a link is leading away from

history.pushState = (state, title, url) => {
  const isHere = new URL(url ?? '', location.href).pathname === location.pathname;
  if (isHere && isArriving) {
    history.replaceState(state, title, url);
    return;
  }
  if (left && !isHere) history.replaceState(...left);
  left = null;
  isArriving ||= !isHere;
  push(state, title, url);
};
for (const kind of ['pointerdown', 'keydown']) {
  document.addEventListener(kind, () => { isArriving = false; }, true);
}
window.addEventListener('popstate', () => { isArriving = true; });
document.addEventListener('click', ({ target, button, ctrlKey, metaKey, shiftKey }) => {
  const link = target.closest('a[href]');
  if (!link || link.pathname === location.pathname || button || ctrlKey || metaKey || shiftKey) return;
  left = [history.state, '', location.href];
  isArriving = true;
}, true);

export default () => {};
