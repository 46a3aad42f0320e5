import { Skeleton, Stack, Text } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useEffect, useState } from "react";

type Props = { label: string; labelFor: (seconds: number) => string; rows?: number };

const patienceInSeconds = 3;

/**
 * Grey rows while something is read. Nothing moves for ever: the window draws without a GPU, where an endless
 * animation costs a processor core. After a few seconds it says for how long it has been waiting.
 */
export function Waiting({ label, labelFor, rows = 6 }: Props) {
  const [seconds, setSeconds] = useState(0);
  const clock = useInterval(() => setSeconds((s) => s + 1), 1000);
  useEffect(() => {
    clock.start();
    return clock.stop;
  }, [clock.start, clock.stop]);

  return (
    <Stack gap="xs" p="md">
      <Text role="status" size="sm" c="dimmed" mb="xs">
        {seconds < patienceInSeconds ? label : labelFor(seconds)}
      </Text>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <Skeleton key={row} height={28} animate={false} opacity={1 - row / (rows + 1)} />
      ))}
    </Stack>
  );
}
