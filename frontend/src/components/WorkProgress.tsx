import { Group, Progress, Stack, Text } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { runs } from "@/api/home";
import type { workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { useTranslation } from "@/i18n/use-translation";
import { useOutcome } from "./use-said";

/** The present time while something runs: often enough that no second is left out when the page is busy for a moment. */
export function useNow(running: boolean) {
  const [now, setNow] = useState(() => Date.now());
  const clock = useInterval(() => setNow(Date.now()), 500);
  useEffect(() => {
    if (running) clock.start();
    return clock.stop;
  }, [running, clock.start, clock.stop]);
  return now;
}

/** 3:07, or 1:02:07. */
export function duration(seconds: number) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  return hours > 0
    ? `${hours}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
    : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** How far a work is: a number, the current item, the time so far and when the org was last heard. */
export function WorkProgress({ work }: { work: workspace.Work }) {
  const { t } = useTranslation();
  const outcome = useOutcome();
  const running = runs(work);
  const now = useNow(running);
  const since = (at: string) => (now - new Date(at).getTime()) / 1000;
  const heard = isKnown(work.heardAt);
  const percent = work.total > 0 ? Math.min(100, (100 * work.done) / work.total) : 0;
  return (
    <Stack gap={4}>
      {running && (
        <Progress
          value={percent}
          size="sm"
          radius="xs"
          transitionDuration={0}
          aria-label={t("work.progress")}
          color={work.production ? "red.9" : undefined}
        />
      )}
      <Group gap="xs" fz="sm" c="dimmed" className="tabular" wrap="wrap">
        {running && work.total > 0 && (
          <Text span size="sm">
            {t("work.of", { done: work.done, total: work.total })}
          </Text>
        )}
        {work.phase && running && (
          <Text span size="sm">
            {t(`work.phase.${work.phase}`, { defaultValue: work.phase })}
          </Text>
        )}
        {work.detail && running && (
          <Text span size="sm" truncate="end" maw={320} title={work.detail}>
            {work.detail}
          </Text>
        )}
        {running && (
          <Text span size="sm">
            {duration(since(work.startedAt))}
          </Text>
        )}
        {running && heard && (
          <Text span size="sm">
            {t("work.heard", { seconds: Math.max(0, Math.round(since(work.heardAt))) })}
          </Text>
        )}
        {!running && <Text size="sm">{outcome(work)}</Text>}
      </Group>
    </Stack>
  );
}
