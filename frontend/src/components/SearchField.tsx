import { CloseButton, TextInput, type TextInputProps } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "@/i18n/use-translation";
import { useSlash } from "./use-page-keys";

const restInMs = 100;

type Props = Omit<TextInputProps, "value" | "onChange" | "ref" | "onKeyDown"> & {
  "aria-label": string;
  /** What is searched for, as the address or the list knows it. */
  text: string;
  /** Told at once when somebody begins to type, and then whenever the fingers rest. */
  onText: (text: string) => void;
  /** Arrow down and Enter lead into the list. */
  onDown?: () => void;
};

/** The field that searches a list: the slash leads into it, Escape clears it, arrow down leads into the list. */
export function SearchField({ text: given, onText, onDown, ...rest }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(given);
  const field = useRef<HTMLInputElement>(null);
  const asked = useRef([given]);
  const newest = useRef(onText);
  newest.current = onText;
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(pause.current), []);
  const ask = (to: string) => {
    if (asked.current.at(-1) === to) return;
    asked.current.push(to);
    newest.current(to);
  };
  useEffect(() => {
    const at = asked.current.lastIndexOf(given);
    asked.current = at < 0 ? [given] : asked.current.slice(at);
    if (at < 0) setText(given); // otherwise it is one of our own questions, and the field may be further by now
  }, [given]);
  useSlash(field);
  const put = (to: string) => {
    setText(to);
    const begins = pause.current === undefined;
    clearTimeout(pause.current);
    pause.current = setTimeout(() => {
      pause.current = undefined;
      ask(to);
    }, restInMs);
    if (begins) ask(to);
  };
  const press = (e: KeyboardEvent<HTMLInputElement>) => {
    if ((e.key === "ArrowDown" || e.key === "Enter") && onDown) {
      e.preventDefault();
      onDown();
    }
    if (e.key !== "Escape") return;
    e.stopPropagation();
    if (text) put("");
    else e.currentTarget.blur();
  };
  return (
    <TextInput
      leftSection={<IconSearch size={15} aria-hidden />}
      rightSection={
        text && (
          <CloseButton
            size="sm"
            aria-label={t("common.clearSearch")}
            onClick={() => {
              put("");
              field.current?.focus();
            }}
          />
        )
      }
      placeholder={rest["aria-label"]}
      spellCheck={false}
      {...rest}
      ref={field}
      value={text}
      onChange={(e) => put(e.currentTarget.value)}
      onKeyDown={press}
    />
  );
}
