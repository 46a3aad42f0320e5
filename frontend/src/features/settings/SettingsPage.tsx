import { Box, Divider, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { PageHeader } from "@/components/PageHeader";
import { useTranslation } from "@/i18n/use-translation";
import { About } from "./About";
import { Appearance } from "./Appearance";
import { Backups } from "./Backups";
import { Delegations } from "./Delegations";
import { Place } from "./Place";

/** How the window looks, where the data is, how it is kept safe, and what this program is. */
export function SettingsPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <Box px="lg" py="md" maw={1000}>
      <PageHeader title={t("settings.title")} lead={t("settings.lead")} />
      <Stack gap="xl">
        <Appearance />
        <Divider />
        <Delegations />
        <Divider />
        <Place />
        <Divider />
        <Backups />
        <Divider />
        <About />
      </Stack>
    </Box>
  );
}
