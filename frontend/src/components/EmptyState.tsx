import { Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { TablerIcon } from "@tabler/icons-react";

type Props = { icon: TablerIcon; title: string; text: string };

/** An empty page teaches: what would be here, and why it is not. */
export function EmptyState({ icon: Icon, title, text }: Props) {
  return (
    <Stack align="center" gap="xs" py={72} px="md">
      <ThemeIcon size={56} radius="xl" variant="light" mb="xs">
        <Icon size={28} stroke={1.5} aria-hidden />
      </ThemeIcon>
      <Title order={2} fz="lg">
        {title}
      </Title>
      <Text size="md" c="dimmed" ta="center" maw={460}>
        {text}
      </Text>
    </Stack>
  );
}
