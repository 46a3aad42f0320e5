import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

type Props = { title: string; lead: string; children: ReactNode };

/** A part of the settings: at the left what it is, at the right its controls. */
export function Section({ title, lead, children }: Props) {
  return (
    <section className="columns" data-columns="4-8" data-gap="lg" aria-label={title}>
      <div>
        <Title order={2} fz="md">
          {title}
        </Title>
        <Text size="sm" c="dimmed">
          {lead}
        </Text>
      </div>
      <div>
        <Stack gap="md" align="flex-start">
          {children}
        </Stack>
      </div>
    </section>
  );
}
