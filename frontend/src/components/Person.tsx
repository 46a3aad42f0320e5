import { Avatar, Group, Text } from "@mantine/core";
import type { workspace } from "@/api/models";

/** A person by initials and name. */
export function Person({ person, size = 22 }: { person: workspace.Person; size?: number }) {
  const initials = person.name
    .split(/\s+/)
    .map((word) => word[0] ?? "")
    .slice(0, 2)
    .join("")
    .toUpperCase();
  return (
    <Group gap={6} wrap="nowrap" display="inline-flex">
      <Avatar size={size} radius="xl" color="blue" aria-hidden>
        {initials}
      </Avatar>
      <Text span size="sm">
        {person.name}
      </Text>
    </Group>
  );
}
