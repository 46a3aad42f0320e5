import { Text } from "@mantine/core";

/** A record's label on this machine, such as CR-0042, in figures that line up. */
export function RecordNumber({ prefix, number }: { prefix: "CR" | "DR"; number: number }) {
  return (
    <Text span size="sm" c="dimmed" fw={500} className="tabular">
      {prefix}-{String(number).padStart(4, "0")}
    </Text>
  );
}
