import { javascript } from "@codemirror/lang-javascript";
import { xml } from "@codemirror/lang-xml";
import { defaultHighlightStyle, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { useTranslation } from "@/i18n/use-translation";

type Props = { path: string; before: string; after: string; sideBySide: boolean; label: string };

const strong = { background: "var(--diff-after-strong)" };
const strongBefore = { background: "var(--diff-before-strong)" };

/** Both schemes in one: every colour is a variable, so switching redraws nothing. */
const look = EditorView.theme({
  "&": { fontSize: "12.5px", backgroundColor: "transparent", color: "inherit" },
  "&.cm-focused": { outline: "2px solid var(--mantine-color-blue-5)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.5" },
  ".cm-gutters": { backgroundColor: "transparent", border: "none", color: "var(--mantine-color-dimmed)" },
  ".cm-cursor": { display: "none" },
  "&.cm-merge-a .cm-changedLine, & .cm-deletedChunk": { backgroundColor: "var(--diff-before)" },
  "&.cm-merge-b .cm-changedLine, & .cm-inlineChangedLine": { backgroundColor: "var(--diff-after)" },
  "&.cm-merge-a .cm-changedText, & .cm-deletedChunk .cm-deletedText": strongBefore,
  "&.cm-merge-b .cm-changedText": strong,
  "&.cm-merge-a .cm-changedLineGutter, & .cm-deletedLineGutter": strongBefore,
  "&.cm-merge-b .cm-changedLineGutter": strong,
  "& .cm-deletedLine del, & .cm-deletedLine, & .cm-insertedLine": { textDecoration: "none" },
  "& .cm-collapsedLines": {
    background: "var(--surface-head)",
    color: "var(--mantine-color-dimmed)",
    padding: "2px 8px",
    cursor: "pointer",
    "&:before, &:after": { content: '"⋯"' },
  },
});

/** The default style's own colours, by the variable that takes their place. */
const variables: Record<string, string> = {
  "#708": "--code-key",
  "#219": "--code-name",
  "#00f": "--code-name",
  "#30a": "--code-name",
  "#085": "--code-number",
  "#164": "--code-number",
  "#a11": "--code-text",
  "#e40": "--code-text",
  "#940": "--code-note",
  "#404740": "--code-note",
};
const colours = HighlightStyle.define(
  defaultHighlightStyle.specs.map((spec) => ({
    ...spec,
    textDecoration: undefined,
    color: spec.color ? `var(${variables[spec.color] ?? "--code-name"})` : undefined,
  })),
);

/** Two versions of a file as text, side by side or one below the other; unchanged parts are folded. */
export default function TextDiff({ path, before, after, sideBySide, label }: Props) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const was = t("review.diff.before", { label });
  const is = t("review.diff.after", { label });
  const folded = t("review.diff.folded");
  useEffect(() => {
    const parent = place.current;
    if (!parent) return;
    const code = /\.(cls|trigger|js|ts)$/.test(path) ? javascript() : xml();
    const shared = (name: string): Extension[] => [
      lineNumbers(),
      code,
      syntaxHighlighting(colours),
      EditorView.lineWrapping,
      EditorState.readOnly.of(true),
      EditorView.editable.of(false), // or the keys of the page would be letters typed into it
      EditorState.phrases.of({ "$ unchanged lines": folded }),
      EditorView.contentAttributes.of({ "aria-label": name, "aria-readonly": "true", tabindex: "0" }),
      look,
    ];
    const collapse = { margin: 3, minSize: 6 };
    // A file that is new or deleted has one side only, and all of it differs.
    const single = before === "" || after === "";
    if (sideBySide && !single) {
      const view = new MergeView({
        parent,
        a: { doc: before, extensions: shared(was) },
        b: { doc: after, extensions: shared(is) },
        collapseUnchanged: collapse,
        gutter: true,
      });
      return () => view.destroy();
    }
    const view = new EditorView({
      parent,
      doc: after,
      extensions: [
        ...shared(label),
        unifiedMergeView({
          original: before,
          mergeControls: false,
          highlightChanges: !single,
          collapseUnchanged: collapse,
        }),
      ],
    });
    return () => view.destroy();
  }, [path, before, after, sideBySide, label, was, is, folded]);
  return <div ref={place} className="text-diff" />;
}
