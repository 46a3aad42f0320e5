import { Anchor, Group, Text, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconKey, IconShieldCheck, IconShieldX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { about } from "@/api/settings";
import { isKnown } from "@/api/times";
import { useWhy } from "@/components/use-said";
import { useWorkspace } from "@/components/use-workspace";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

/** One quiet line at the foot: can secrets be kept, is the audit trail whole, and which version this is. */
export function StatusBar() {
  const { t } = useTranslation();
  const { say } = useWhy();
  const { state } = useWorkspace();
  const version = useQuery(about).data?.version;
  if (!state) return null;
  const doubts = state.doubts ?? [];
  const warning = say(state.warning, state.warningSaid);
  const checked = isKnown(state.checked);
  return (
    <Group
      component="section"
      aria-label={t("tray.status.label")}
      gap="md"
      wrap="nowrap"
      w="100%"
      style={{ minWidth: 0 }}
    >
      {doubts.length > 0 ? (
        <Tooltip
          label={doubts.map((d, i) => say(d.message, state.doubtsSaid?.[i])).join(" ")}
          multiline
          maw={420}
        >
          <Anchor
            size="xs"
            fw={600}
            c="var(--mantine-color-red-light-color)"
            style={{ flex: "none", display: "inline-flex", gap: 4, alignItems: "center" }}
            renderRoot={(props) => <Link {...props} to="/audit-trail" />}
          >
            <IconShieldX size={14} aria-hidden />
            {t("tray.status.doubts", { count: doubts.length })}
          </Anchor>
        </Tooltip>
      ) : (
        <Group gap={4} wrap="nowrap" style={{ flex: "none" }}>
          <IconShieldCheck size={14} stroke={1.7} color="var(--mantine-color-dimmed)" aria-hidden />
          <Text size="xs" c="dimmed" component="div">
            {checked ? (
              <>
                {t("tray.status.verified")} <When at={state.checked} />
                {" · "}
              </>
            ) : null}
            {t("tray.status.entries", { count: state.entries })}
          </Text>
        </Group>
      )}
      {state.keychain?.works ? (
        <Group gap={4} wrap="nowrap" style={{ flex: "none" }}>
          <IconKey size={14} stroke={1.7} color="var(--mantine-color-dimmed)" aria-hidden />
          <Tooltip label={t("tray.status.where", { where: state.keychain.where })}>
            <Text size="xs" c="dimmed">
              {t("tray.status.keychain")}
            </Text>
          </Tooltip>
        </Group>
      ) : (
        <Tooltip
          label={state.keychain && say(state.keychain.why, state.keychain.said)}
          multiline
          maw={420}
          disabled={!state.keychain?.why}
        >
          <Anchor
            size="xs"
            fw={600}
            c="var(--mantine-color-red-light-color)"
            style={{ flex: "none", display: "inline-flex", gap: 4, alignItems: "center" }}
            renderRoot={(props) => <Link {...props} to="/settings" />}
          >
            <IconKey size={14} aria-hidden />
            {t("tray.status.noKeychain")}
          </Anchor>
        </Tooltip>
      )}
      {state.warning && (
        <Group gap={4} wrap="nowrap" style={{ minWidth: 0 }}>
          <IconAlertTriangle
            size={14}
            color="var(--mantine-color-yellow-light-color)"
            aria-hidden
            style={{ flex: "none" }}
          />
          <Tooltip label={warning} multiline maw={420}>
            <Text size="xs" c="var(--mantine-color-yellow-light-color)" truncate="end" tabIndex={0}>
              {warning}
            </Text>
          </Tooltip>
        </Group>
      )}
      <Text size="xs" c="dimmed" ml="auto" className="from-42" style={{ flex: "none" }}>
        {version}
      </Text>
    </Group>
  );
}
