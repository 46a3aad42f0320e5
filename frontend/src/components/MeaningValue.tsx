import { Box, Button, Code, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "@/i18n/use-translation";
import { leavesOf, middle } from "./paths";

type Props = { value: string; other: string; side: "before" | "after"; absent: boolean };

const longText = 600;

/** One side of a difference: a word, a text with its changed middle marked, or an element as its fields. */
export function MeaningValue({ value, other, side, absent }: Props) {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(false);
  if (absent)
    return (
      <Text size="sm" c="dimmed">
        {t("difference.notThere")}
      </Text>
    );
  if (value === "")
    return (
      <Text size="sm" c="dimmed" fs="italic">
        {t("difference.empty")}
      </Text>
    );
  const leaves = leavesOf(value);
  if (leaves)
    return (
      <Box className={`side-${side}`} px={8} py={4}>
        {leaves.map((leaf, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one fixed value
          <Text key={i} size="sm" pl={leaf.depth * 14} style={{ overflowWrap: "anywhere" }}>
            <Text span size="sm" c="dimmed">
              {leaf.word}
              {leaf.value && ": "}
            </Text>
            {leaf.value}
          </Text>
        ))}
      </Box>
    );
  const cut = !whole && value.length > longText;
  const { start, end } = other && value.length <= 4000 ? middle(value, other) : { start: 0, end: 0 };
  const marked = start + end > 0 && start + end < value.length;
  return (
    <Box>
      <Code
        block
        className={`side-${side}`}
        fz="sm"
        p={6}
        style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
      >
        {cut ? (
          `${value.slice(0, longText)}…`
        ) : marked ? (
          <>
            {value.slice(0, start)}
            <span className={`mark-${side}`}>{value.slice(start, value.length - end)}</span>
            {value.slice(value.length - end)}
          </>
        ) : (
          value
        )}
      </Code>
      {cut && (
        <Button size="compact-xs" variant="subtle" onClick={() => setWhole(true)}>
          {t("difference.whole")}
        </Button>
      )}
    </Box>
  );
}
