import { Box, Group, Paper, Text, Title } from "@mantine/core";
import { Children, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

type Props = { title: string; count: number; none?: string; children: ReactNode };

/** One list of the first page, with how many there are; an empty one says so in a line. */
export function Section({ title, count, none, children }: Props) {
  const { t } = useTranslation();
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
      {Children.toArray(children).length > 0 ? (
        <Paper
          withBorder
          radius="md"
          component="ul"
          m={0}
          p={0}
          className="clip"
          style={{ listStyle: "none" }}
        >
          {children}
          {count > Children.toArray(children).length && (
            <Text component="li" size="sm" c="dimmed" px="sm" py={8}>
              {t("home.more", { count: count - Children.toArray(children).length })}
            </Text>
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
