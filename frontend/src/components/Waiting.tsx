import { Skeleton, Stack, Text } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  /** What is read, if that is more than the workspace. */
  label?: string;
  labelFor?: (seconds: number) => string;
  rows?: number;
};

const patienceInSeconds = 3;

/** For how many seconds this has been shown; nothing as long as nobody would ask. */
export function useWaited() {
  const [seconds, setSeconds] = useState(0);
  const clock = useInterval(() => setSeconds((s) => s + 1), 1000);
  useEffect(() => {
    clock.start();
    return clock.stop;
  }, [clock.start, clock.stop]);
  return seconds < patienceInSeconds ? undefined : seconds;
}

/**
 * Grey rows while something is read. Nothing moves for ever: the window draws without a GPU, where an endless
 * animation costs a processor core. After a few seconds it says for how long it has been waiting.
 */
export function Waiting({ label, labelFor, rows = 6 }: Props) {
  const { t } = useTranslation();
  const seconds = useWaited();

  return (
    <Stack gap="xs" p="md">
      <Text role="status" size="sm" c="dimmed" mb="xs">
        {seconds === undefined
          ? (label ?? t("common.loading"))
          : (labelFor?.(seconds) ?? t("common.loadingFor", { seconds }))}
      </Text>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <Skeleton key={row} height={28} animate={false} opacity={1 - row / (rows + 1)} />
      ))}
    </Stack>
  );
}
