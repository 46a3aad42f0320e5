import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import TextDiff from "./TextDiff";

test.each([true, false])(
  "a click into the difference takes the page's keys as text: side by side %s",
  (sideBySide) => {
    const { container } = render(
      <TextDiff path="a.cls" before="class A {}" after="class A { }" sideBySide={sideBySide} label="A" />,
    );
    const texts = [...container.querySelectorAll<HTMLElement>(".cm-content")];
    expect(texts).toHaveLength(sideBySide ? 2 : 1);
    for (const text of texts) {
      expect(text.getAttribute("contenteditable")).toBe("false");
      expect(text.tabIndex).toBe(0); // it can be scrolled by keyboard
    }
  },
);
