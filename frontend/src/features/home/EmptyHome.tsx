import { Box, Group, List, Text, ThemeIcon, Title } from "@mantine/core";
import { IconFileCheck, IconRocket, IconShieldCheck, type TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTitle } from "@/components/use-title";
import { useTranslation } from "@/i18n/use-translation";

const steps: { code: string; icon: TablerIcon }[] = [
  { code: "request", icon: IconFileCheck },
  { code: "approve", icon: IconShieldCheck },
  { code: "deploy", icon: IconRocket },
];

/** A home where nothing waits says what it will show and how the work goes, and offers the first step. */
export function EmptyHome({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  useTitle(t("home.empty.title"));
  return (
    <Box px="lg" py="xl" maw={640} mx="auto">
      <Title order={1} fz={22} lh={1.3}>
        {t("home.empty.title")}
      </Title>
      <Text size="md" c="dimmed" mb="lg">
        {t("home.empty.text")}
      </Text>
      <List spacing="md" center={false} listStyleType="none" mb="xl">
        {steps.map(({ code, icon: Icon }) => (
          <List.Item
            key={code}
            icon={
              <ThemeIcon size={32} radius="xl" variant="light">
                <Icon size={18} stroke={1.6} aria-hidden />
              </ThemeIcon>
            }
          >
            <Text size="md" fw={550}>
              {t(`home.empty.${code}`)}
            </Text>
            <Text size="sm" c="dimmed">
              {t(`home.empty.${code}Text`)}
            </Text>
          </List.Item>
        ))}
      </List>
      <Group gap="xs">{children}</Group>
    </Box>
  );
}
