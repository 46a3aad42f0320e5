import { Box, Button, Group, Paper, Text, Title } from "@mantine/core";
import { Children, type ReactNode, useState } from "react";
import { useTranslation } from "@/i18n/use-translation";

type Props = { title: string; count: number; none?: string; children: ReactNode };

const atOnce = 10;

/** One list of the first page, with how many there are; an empty one says so in a line, a long one is shown by and by. */
export function Section({ title, count, none, children }: Props) {
  const { t } = useTranslation();
  const [most, setMost] = useState(atOnce);
  const rows = Children.toArray(children);
  const hidden = rows.length - most;
  return (
    <Box component="section" aria-label={title}>
      <Group gap={8} mb={8}>
        <Title order={2} fz={14}>
          {title}
        </Title>
        {count > 0 && (
          <Text span size="sm" c="dimmed" className="tabular">
            {count}
          </Text>
        )}
      </Group>
      {rows.length > 0 ? (
        <Paper
          withBorder
          radius="md"
          component="ul"
          m={0}
          p={0}
          className="clip"
          style={{ listStyle: "none" }}
        >
          {rows.slice(0, most)}
          {count > Math.min(rows.length, most) && (
            <Group component="li" gap="sm" px="sm" py={8}>
              {hidden > 0 && (
                <Button size="compact-sm" variant="default" onClick={() => setMost(most + 2 * atOnce)}>
                  {t("home.show", { count: Math.min(hidden, 2 * atOnce) })}
                </Button>
              )}
              <Text size="sm" c="dimmed">
                {t("home.more", { count: count - Math.min(rows.length, most) })}
              </Text>
            </Group>
          )}
        </Paper>
      ) : (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      )}
    </Box>
  );
}
