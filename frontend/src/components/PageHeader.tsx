import { Box, Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTitle } from "./use-title";

type Props = { title: string; lead: string; aside?: ReactNode };

/** The top of every page: what it is, in a line what for, and at the right what belongs to the whole page. */
export function PageHeader({ title, lead, aside }: Props) {
  useTitle(title);
  return (
    <Group justify="space-between" align="flex-end" mb="lg">
      <Box flex="1 1 16rem">
        <Title order={1} fz={22} lh={1.3}>
          {title}
        </Title>
        <Text size="md" c="dimmed">
          {lead}
        </Text>
      </Box>
      {aside}
    </Group>
  );
}
