import { Alert, Button, Code, Group, Text, ThemeIcon } from "@mantine/core";
import { IconAlertTriangle, IconFolderOpen, IconLock, IconLockOpen, IconLogout } from "@tabler/icons-react";
import { openFolder } from "@/api/settings";
import { usePageActions } from "@/components/page-actions";
import { useAct } from "@/components/use-act";
import { useWhy } from "@/components/use-said";
import { useLeave } from "@/components/use-unsaved";
import { useWorkspace } from "@/components/use-workspace";
import { useTranslation } from "@/i18n/use-translation";
import { Section } from "./Section";

/** Where this workspace and its secrets are, and the way to another workspace. */
export function Place() {
  const { t } = useTranslation();
  const { say } = useWhy();
  const { state } = useWorkspace();
  const open = useAct(openFolder);
  const leave = useLeave();
  usePageActions(t("settings.title"), [
    { id: "open-folder", busy: open.isPending, run: () => open.mutate() },
  ]);
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
        <Button variant="default" leftSection={<IconLogout size={16} aria-hidden />} onClick={leave}>
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
              : say(keychain.why, keychain.said)}
          </Text>
        </div>
      </Group>
      {state.warning && (
        <Alert color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />} p="sm" w="100%">
          {say(state.warning, state.warningSaid)}
        </Alert>
      )}
    </Section>
  );
}

/** Where secrets are comes as one of two sentences. */
function whereWords(t: (key: string, o: { defaultValue: string }) => string, where: string) {
  return t(`settings.where.${where.startsWith("a folder") ? "folder" : "keychain"}`, { defaultValue: where });
}
