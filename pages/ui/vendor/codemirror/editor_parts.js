// What `pages/ui/editor.js` uses of CodeMirror; `npm run build` makes codemirror.js of it.
export { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
export { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
export { pythonLanguage } from '@codemirror/lang-python';
export { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
export { EditorState, StateEffect, StateField } from '@codemirror/state';
export { Decoration, EditorView, highlightActiveLine, keymap, lineNumbers, WidgetType } from '@codemirror/view';
export { tags } from '@lezer/highlight';
