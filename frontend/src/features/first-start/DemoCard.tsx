import { Badge, Button, Checkbox, Group, List, Paper, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "@/i18n/use-translation";

type Props = { onStart: (withTour: boolean) => void; disabled: boolean; filled: boolean };

/** The demo: what it holds, and that it is safe to try everything in it. */
export function DemoCard({ onStart, disabled, filled }: Props) {
  const { t } = useTranslation();
  const [tour, setTour] = useState(true);
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-labelledby="demo">
      <Stack gap="sm" h="100%">
        <Group gap="xs">
          <Title order={2} fz="md" id="demo">
            {t("firstStart.demo.title")}
          </Title>
          <Badge variant="light" size="sm" tt="none" radius="sm">
            {t("firstStart.demo.recommended")}
          </Badge>
        </Group>
        <Text size="sm">{t("firstStart.demo.text")}</Text>
        <List size="sm" spacing={2}>
          {["orgs", "people", "story", "safe"].map((word) => (
            <List.Item key={word}>{t(`firstStart.demo.${word}`)}</List.Item>
          ))}
        </List>
        <Checkbox
          mt="auto"
          size="sm"
          checked={tour}
          onChange={(e) => setTour(e.currentTarget.checked)}
          label={t("firstStart.demo.tour")}
          description={t("firstStart.demo.tourWhat")}
        />
        <Button variant={filled ? "filled" : "default"} disabled={disabled} onClick={() => onStart(tour)}>
          {t("firstStart.demo.open")}
        </Button>
      </Stack>
    </Paper>
  );
}
