// A code editor for Python, made of CodeMirror. The text lives here: the server hears of it when it is run and a
// moment after typing, and never writes into a text that the visitor has changed.

const PAUSE = 500; // milliseconds without a key, after which the text is kept as a draft
const PATIENCE = 5_000; // milliseconds after which a run that the server has not heard of may be asked again
const editors = new WeakMap();
let library = null;

export default function (component) {
  const root = component.parentElement;
  let editor = editors.get(root);
  if (!editor) editors.set(root, (editor = create(root)));
  editor.update(component);
  return editor.destroy;
}

function load() {
  const streamlit = document.querySelector('script[src*="/static/js/"]').src; // the app may live below any path
  library ??= import(new URL('../../vendor/codemirror/codemirror.js', streamlit));
  return library;
}

function create(root) {
  const $ = (name) => root.querySelector(`[data-part=${name}]`);
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  let api, data, parts, view;
  let name = null; // of the document in the editor
  let opened = ''; // the text that it had then
  let touched = false; // whether the visitor has changed it since
  let waiting = 0; // the timer of the next draft
  let asked = 0; // the number of the run that the server has not heard of yet
  let marked = 0; // the number of the run whose marks are shown
  let replaced = null; // the program that "Start over" took away, until another change

  $('keys').textContent = isMac ? '⌘ ⏎' : 'Ctrl ⏎';
  $('run').onclick = run;
  $('again').onclick = () => {
    if (!view) return;
    const text = view.state.doc.toString();
    const [insert, kept] = replaced === null ? [data.starter, text] : [replaced, null];
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert }, userEvent: 'input' });
    offerBack(text === insert ? null : kept);
    view.focus();
  };
  // Streamlit's own shortcuts are letters, and cannot see that these are typed into a text.
  $('editor').addEventListener('keydown', (event) => event.stopPropagation());
  const leave = () => document.hidden && keep();
  document.addEventListener('visibilitychange', leave);
  load().then((loaded) => {
    parts = loaded;
    view = new parts.EditorView({ root, parent: $('text') });
    if (api) show();
  }, () => {
    $('text').textContent = 'The editor could not be loaded: reload the page.';
  });

  function update(component) {
    api = component;
    data = component.data;
    if (view) show();
  }

  function show() {
    if (data.name !== name || (!touched && data.text !== opened)) open();
    if (asked === data.ran) asked = 0;
    const busy = Boolean(asked || data.busy);
    if (!busy && marked !== data.ran) {
      marked = data.ran;
      view.dispatch({ effects: setMarks().of(data.marks) });
    }
    $('run').setAttribute('aria-disabled', busy || data.off !== '');
    $('said').textContent = busy ? 'Running…' : data.off || data.said;
  }

  function open() {
    keep();
    ({ name, text: opened } = data);
    touched = false;
    marked = 0;
    offerBack(null);
    const extensions = setting(data.label, run, (update) => {
      if (!update.docChanged) return;
      touched = true;
      offerBack(null);
      clearTimeout(waiting);
      waiting = setTimeout(keep, PAUSE);
    }, keep);
    view.setState(parts.EditorState.create({ doc: data.text, extensions }));
  }

  function offerBack(text) {
    replaced = text;
    $('again').textContent = text === null ? 'Start over' : 'Take it back';
    $('again').title = text === null ? 'Back to the starter' : 'Your program again, as it was';
  }

  function keep() {
    if (!waiting) return;
    clearTimeout(waiting);
    waiting = 0;
    api.setTriggerValue('draft', { name, text: view.state.doc.toString() });
  }

  function run() {
    if (!view || asked || data.busy || data.off) return true;
    clearTimeout(waiting);
    waiting = 0;
    const number = (asked = Date.now());
    api.setTriggerValue('run', { name, text: view.state.doc.toString(), number });
    show();
    setTimeout(() => {
      if (asked === number) show((asked = 0)); // the server has not heard of it
    }, PATIENCE);
    return true;
  }

  let marks = null;
  function setMarks() {
    marks ??= parts.StateEffect.define();
    return marks;
  }

  function setting(label, run, onUpdate, onBlur) {
    const { EditorView, HighlightStyle, keymap, tags } = parts;
    const colours = HighlightStyle.define([
      { tag: [tags.keyword, tags.operatorKeyword, tags.bool, tags.null], color: 'var(--st-violet-text-color)' },
      { tag: [tags.string, tags.special(tags.string)], color: 'var(--st-green-text-color)' },
      { tag: tags.number, color: 'var(--st-orange-text-color)' },
      { tag: tags.comment, color: 'var(--st-gray-text-color)', fontStyle: 'italic' },
      {
        tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName)), tags.className],
        color: 'var(--st-blue-text-color)',
      },
    ]);
    return [
      parts.lineNumbers(),
      parts.highlightActiveLine(),
      parts.history(),
      parts.indentUnit.of('    '),
      parts.EditorState.tabSize.of(4),
      parts.indentOnInput(),
      parts.bracketMatching(),
      parts.closeBrackets(),
      parts.pythonLanguage,
      parts.syntaxHighlighting(colours),
      sayings(parts, setMarks()),
      keymap.of([
        { key: 'Mod-Enter', run },
        { key: 'Ctrl-Enter', run },
        ...parts.closeBracketsKeymap,
        ...parts.defaultKeymap,
        ...parts.historyKeymap,
        parts.indentWithTab, // Escape, then Tab is CodeMirror's own way out
      ]),
      EditorView.contentAttributes.of({
        'aria-label': label,
        'aria-describedby': 'help',
        autocapitalize: 'off',
        spellcheck: 'false',
        tabindex: '0', // a text wider than the editor is scrolled by keyboard from here
      }),
      EditorView.updateListener.of(onUpdate),
      EditorView.domEventHandlers({ blur: () => { onBlur(); } }),
    ];
  }

  return {
    update,
    destroy() {
      document.removeEventListener('visibilitychange', leave);
      clearTimeout(waiting);
      view?.destroy();
      editors.delete(root);
    },
  };
}

// Lines with something said below them; they move with the text until the next run.
function sayings({ Decoration, EditorView, StateField, WidgetType }, setMarks) {
  class Saying extends WidgetType {
    constructor(mark) {
      super();
      this.mark = mark;
    }
    eq(other) {
      return other.mark.says === this.mark.says;
    }
    toDOM() {
      const said = document.createElement('div');
      said.className = `said ${this.mark.is_error ? 'error' : 'warning'}`;
      said.textContent = this.mark.says;
      return said;
    }
  }
  return StateField.define({
    create: () => Decoration.none,
    update(marks, transaction) {
      for (const effect of transaction.effects.filter((effect) => effect.is(setMarks))) {
        const { doc } = transaction.state;
        const found = effect.value.filter(({ line }) => line <= doc.lines).flatMap((mark) => {
          const line = doc.line(mark.line);
          return [
            Decoration.line({ class: mark.is_error ? 'error' : 'warning' }).range(line.from),
            Decoration.widget({ widget: new Saying(mark), block: true, side: 1 }).range(line.to),
          ];
        });
        return Decoration.set(found, true);
      }
      return marks.map(transaction.changes);
    },
    provide: (field) => EditorView.decorations.from(field),
  });
}
