import type { MantineColorScheme } from "@mantine/core";
import {
  AppShell,
  Box,
  Group,
  NavLink,
  SegmentedControl,
  Stack,
  Text,
  useMantineColorScheme,
} from "@mantine/core";
import { IconDeviceDesktop, IconFileCheck, IconMoon, IconSun } from "@tabler/icons-react";
import { Link, Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Mark } from "@/components/Mark";

/** The window's frame: the name, the way to each list, the appearance, and the page. */
export function Shell() {
  const { t } = useTranslation();
  return (
    <AppShell navbar={{ width: 224, breakpoint: 0 }} padding={0}>
      <AppShell.Navbar className="navbar" p="sm">
        <Group gap={10} px={6} py={8} mb="md" wrap="nowrap">
          <Mark size={30} />
          <Box>
            <Text fw={650} fz={16} lh={1.2}>
              {t("shell.name")}
            </Text>
            <Text fz={11} c="dimmed" lh={1.3}>
              {t("shell.tagline")}
            </Text>
          </Box>
        </Group>
        <Stack component="nav" aria-label={t("shell.navigation")} gap={2} flex={1}>
          <NavLink
            component={Link}
            to="/change-requests"
            className="nav-link"
            label={t("shell.changeRequests")}
            leftSection={<IconFileCheck size={18} stroke={1.6} aria-hidden />}
          />
        </Stack>
        <SchemeSwitch />
      </AppShell.Navbar>
      <AppShell.Main className="page">
        <Box maw={1180} mx="auto" px={32} py={28}>
          <Outlet />
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}

function SchemeSwitch() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choices: { value: MantineColorScheme; icon: typeof IconSun }[] = [
    { value: "light", icon: IconSun },
    { value: "dark", icon: IconMoon },
    { value: "auto", icon: IconDeviceDesktop },
  ];
  return (
    <SegmentedControl
      fullWidth
      size="xs"
      transitionDuration={0}
      aria-label={t("shell.scheme.label")}
      value={colorScheme}
      onChange={(value) => setColorScheme(value as MantineColorScheme)}
      data={choices.map(({ value, icon: Icon }) => ({
        value,
        label: (
          <Group justify="center" py={2} title={t(`shell.scheme.${value}`)}>
            <Icon size={15} stroke={1.6} aria-hidden />
            <span className="unseen">{t(`shell.scheme.${value}`)}</span>
          </Group>
        ),
      }))}
    />
  );
}
