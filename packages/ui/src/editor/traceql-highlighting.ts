import { RangeSetBuilder, type Text } from '@codemirror/state';
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { highlight } from '@spoor/traceql';

/** Colours the text by the language's own lexer; `ql-…` classes have their colours in `editor-theme.ts`. */
export const traceqlHighlighting = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor({ state }: EditorView) {
      this.decorations = decorationsOf(state.doc);
    }

    update({ docChanged, state }: ViewUpdate): void {
      if (docChanged) this.decorations = decorationsOf(state.doc);
    }
  },
  { decorations: ({ decorations }) => decorations },
);

function decorationsOf(text: Text): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { start, end, class: name } of highlight(text.toString())) {
    builder.add(start, end, Decoration.mark({ class: `ql-${name}` }));
  }
  return builder.finish();
}
