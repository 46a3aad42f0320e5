import { Group, Paper, Text } from "@mantine/core";
import { IconArrowRight, IconCircleCheck, IconHourglass, IconPlayerPlay } from "@tabler/icons-react";
import { type ReactNode, useRef } from "react";
import type { workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { useNextKey } from "./use-next-key";
import { useSaid } from "./use-said";

/** One sentence that says what happens next, and beside it the page's only filled button. */
export function NextBar({ next, children }: { next: workspace.NextStep; children?: ReactNode }) {
  const { t } = useTranslation();
  const say = useSaid("sentences");
  const bar = useRef<HTMLDivElement>(null);
  useNextKey(bar);
  const done = next.code === "done" || next.code.endsWith(".done");
  // What a person can press is blue; what is done is green; what waits for somebody else is quiet.
  const runs = next.code === "running";
  const tone = done ? "done" : runs || next.action || next.code === "deploy" ? "acts" : "waits";
  const acts = runs ? IconPlayerPlay : IconArrowRight;
  const Icon = { done: IconCircleCheck, acts, waits: IconHourglass }[tone];
  return (
    <Paper
      ref={bar}
      tabIndex={-1}
      data-keeps-focus
      withBorder
      p="sm"
      px="md"
      radius="md"
      className="next-bar"
      data-tone={tone}
      role="status"
      aria-label={t("next.label")}
    >
      <Group justify="space-between" wrap="nowrap" gap="md">
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <Icon size={20} stroke={1.7} aria-hidden style={{ flex: "none", marginTop: 2 }} />
          <Text size="md" fw={550} style={{ overflowWrap: "anywhere" }}>
            {say(next.sentence, next.said)}
          </Text>
        </Group>
        {children && (
          <Group gap="xs" wrap="nowrap" style={{ flex: "none" }}>
            {children}
          </Group>
        )}
      </Group>
    </Paper>
  );
}
