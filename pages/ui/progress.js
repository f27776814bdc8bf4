// Keeps the visitor's progress in the browser: makes the server's changes and tells it what there is then.
// Each change is merged into what is stored at that moment, so that tabs do not overwrite each other's reviews.
// What is typed into a text is told to the server after a pause, not only when the visitor leaves the text.

const STORE = 'ml-interview-lab-progress';
const DAMAGED = `${STORE}-damaged`; // all that could not be read, kept
const DONE = `${STORE}-done`; // which changes of which session this tab has made: each is made once
const NONE = { reviews: [], mocks: [], drafts: {}, solved: {}, answers: {}, interviews: {} };
const PAUSE = 500; // milliseconds without a key, after which a text is told

const keepers = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  let keeper = keepers.get(parentElement);
  if (!keeper) keepers.set(parentElement, (keeper = create()));
  keeper.update(data, setStateValue);
  return keeper.destroy;
}

function create() {
  let tell = null, told = '';
  const listen = ({ key }) => { if (key === STORE) tell(); }; // another tab has changed it
  window.addEventListener('storage', listen);
  let waiting = 0;
  const type = ({ target, isComposing }) => {
    clearTimeout(waiting);
    if (isComposing || !target.matches('[data-testid="stTextArea"] textarea')) return;
    const enter = new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true });
    waiting = setTimeout(() => target.dispatchEvent(enter), PAUSE);
  };
  document.addEventListener('input', type);
  return {
    update(data, setStateValue) {
      tell = () => {
        const answer = JSON.stringify({ session: data.session, ...stored(data) });
        if (answer === told) return;
        told = answer;
        setStateValue('answer', answer);
      };
      tell();
    },
    destroy() {
      window.removeEventListener('storage', listen);
      document.removeEventListener('input', type);
      clearTimeout(waiting);
    },
  };
}

function stored({ session, changes, limit }) {
  let done = 0;
  let problem = null;
  try {
    const [of, number] = JSON.parse(sessionStorage.getItem(DONE) ?? '["", 0]');
    if (of === session) done = number;
    for (const change of changes.filter(({ number }) => number > done)) {
      make(change);
      done = change.number;
      sessionStorage.setItem(DONE, JSON.stringify([session, done]));
    }
    if ((localStorage.getItem(STORE) ?? '').length > limit) {
      setAside();
      problem = 'damaged';
    }
    return { done, problem, text: localStorage.getItem(STORE), damaged: localStorage.getItem(DAMAGED) };
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (error.name !== 'QuotaExceededError') return { done, problem: 'blocked', text: null, damaged: null };
    return { done, problem: 'full', text: localStorage.getItem(STORE), damaged: localStorage.getItem(DAMAGED) };
  }
}

function make({ repair, document }) {
  const text = localStorage.getItem(STORE);
  const old = text === null || repair ? null : read(text);
  if (text !== null && !old) setAside();
  localStorage.setItem(STORE, JSON.stringify(merged(old ?? NONE, document)));
}

function read(text) {
  try {
    const { reviews, mocks, drafts, solved, answers = {}, interviews = {} } = JSON.parse(text);
    const found = { reviews, mocks, drafts, solved, answers, interviews };
    return Array.isArray(reviews) && Array.isArray(mocks) && drafts && solved && answers && interviews && found;
  } catch {
    return null;
  }
}

function merged(old, its) {
  const union = (name) => {
    const all = [...old[name], ...its[name]];
    return [...new Map(all.map((item) => [JSON.stringify(item), item])).values()];
  };
  const latest = (name) => {
    const all = Object.entries({ ...old[name], ...its[name] });
    return Object.fromEntries(all.filter(([, item]) => item !== null)); // a null takes away
  };
  return {
    version: its.version,
    reviews: union('reviews'),
    mocks: union('mocks'),
    drafts: { ...old.drafts, ...its.drafts },
    solved: { ...its.solved, ...old.solved },
    answers: latest('answers'),
    interviews: latest('interviews'),
  };
}

function setAside() {
  const text = localStorage.getItem(STORE);
  localStorage.removeItem(STORE); // first: there may not be room for both
  try {
    localStorage.setItem(DAMAGED, [localStorage.getItem(DAMAGED), text].filter(Boolean).join('\n'));
  } catch (error) {
    localStorage.setItem(STORE, text);
    throw error;
  }
}
