import { Alert, Button, Code, Group, Text, ThemeIcon } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconAlertTriangle, IconFolderOpen, IconLock, IconLockOpen, IconLogout } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { openFolder } from "@/api/settings";
import { leaveWorkspace } from "@/api/workspaces";
import { useAct } from "@/components/use-act";
import { useWorkspace } from "@/components/use-workspace";
import { Section } from "./Section";

/** Where this workspace and its secrets are, and the way to another workspace. */
export function Place() {
  const { t } = useTranslation();
  const { state } = useWorkspace();
  const navigate = useNavigate();
  const open = useAct(openFolder);
  const leave = useAct(leaveWorkspace, { onDone: () => void navigate({ to: "/start" }) });
  const ask = () =>
    modals.openConfirmModal({
      title: t("settings.leaveTitle"),
      children: <Text size="sm">{t("settings.leaveWhy")}</Text>,
      labels: { confirm: t("settings.leave"), cancel: t("common.cancel") },
      transitionProps: { duration: 0 },
      onConfirm: () => leave.mutate(),
    });
  if (!state) return null;
  const { keychain } = state;
  const Lock = keychain.works ? IconLock : IconLockOpen;
  return (
    <Section title={t("settings.place")} lead={t("settings.placeWhy")}>
      <div>
        <Text size="sm" fw={550}>
          {state.demo ? t("settings.demo") : state.name}
        </Text>
        <Code style={{ overflowWrap: "anywhere" }}>{state.folder}</Code>
      </div>
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={<IconFolderOpen size={16} aria-hidden />}
          onClick={() => open.mutate()}
          loading={open.isPending}
        >
          {t("settings.openFolder")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconLogout size={16} aria-hidden />}
          onClick={ask}
          loading={leave.isPending}
        >
          {t("settings.leave")}
        </Button>
      </Group>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <ThemeIcon variant="light" color={keychain.works ? "green" : "red"} radius="xl" size={26}>
          <Lock size={15} aria-hidden />
        </ThemeIcon>
        <div>
          <Text size="sm" fw={550}>
            {t(keychain.works ? "settings.keychainWorks" : "settings.keychainFails")}
          </Text>
          <Text size="sm" c="dimmed">
            {keychain.works
              ? t("settings.keychainWhere", { where: whereWords(t, keychain.where) })
              : keychain.why}
          </Text>
        </div>
      </Group>
      {state.warning && (
        <Alert color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />} p="sm" w="100%">
          {state.warning}
        </Alert>
      )}
    </Section>
  );
}

/** Where secrets are comes as one of two sentences. */
function whereWords(t: (key: string, o: { defaultValue: string }) => string, where: string) {
  return t(`settings.where.${where.startsWith("a folder") ? "folder" : "keychain"}`, { defaultValue: where });
}
