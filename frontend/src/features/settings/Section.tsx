import { Grid, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

type Props = { title: string; lead: string; children: ReactNode };

/** A part of the settings: at the left what it is, at the right its controls. */
export function Section({ title, lead, children }: Props) {
  return (
    <Grid component="section" aria-label={title} gap="lg">
      <Grid.Col span={{ base: 12, md: 4 }}>
        <Title order={2} fz="md">
          {title}
        </Title>
        <Text size="sm" c="dimmed">
          {lead}
        </Text>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 8 }}>
        <Stack gap="md" align="flex-start">
          {children}
        </Stack>
      </Grid.Col>
    </Grid>
  );
}
