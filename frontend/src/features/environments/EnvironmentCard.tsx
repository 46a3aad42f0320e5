import { Anchor, Button, Divider, Group, Paper, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { governance, type workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { usePageActions } from "@/components/page-actions";
import { useNumber } from "@/components/use-number";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { WorkProgress } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";
import { edge, useColor } from "./ColorChoice";
import { ConnectionAnswer, useConnection } from "./ConnectionTest";
import { useHeld } from "./use-held";
import { useScan } from "./use-scan";

/** One environment: what it is, whether it answers, how old its inventory is. */
export function EnvironmentCard({ view }: { view: workspace.EnvironmentView }) {
  const { t } = useTranslation();
  const number = useNumber();
  const { environment: env, production, inventory } = view;
  const [color] = useColor(env.id);
  const scan = useScan(env.id);
  const connection = useConnection(env.id);
  const held = useHeld(view);
  const heldScan = held || (scan.running ? t("environments.scanRuns") : "");
  const named = (what: string) => t("action.of", { what, name: env.name });
  usePageActions(t("environments.title"), [
    {
      id: "test",
      of: env.id,
      words: named(t("environments.testConnection")),
      why: held,
      busy: connection.testing,
      run: connection.test,
    },
    {
      id: "scan",
      of: env.id,
      words: named(t("environments.runScan")),
      why: heldScan,
      busy: scan.starting,
      run: scan.start,
    },
  ]);
  return (
    <Paper
      component="li"
      withBorder
      radius="md"
      p="md"
      style={{ borderLeft: edge(production, color), display: "flex", flexDirection: "column" }}
    >
      <Group justify="space-between" gap="xs" mb="sm">
        <Anchor
          renderRoot={(props) => <Link {...props} to="/environments/$id" params={{ id: env.id }} />}
          underline="hover"
          style={{ minWidth: 0 }}
        >
          <EnvironmentBadge id={env.id} name={env.name} kind={env.kind} production={production} size="lg" />
        </Anchor>
        <Text size="sm" c="dimmed">
          {t(`environments.kind.${env.kind}`)}
        </Text>
      </Group>
      <Stack gap={6} mb="md">
        <Line label={t("environments.org")}>
          {env.organizationName || <Dimmed>{t("environments.orgUnknown")}</Dimmed>}
        </Line>
        <Line label={t("environments.user")}>{env.username}</Line>
        <Line label={t("environments.credentials")}>
          <CredentialsState view={view} />
        </Line>
        <Line label={t("environments.tested")}>
          {isKnown(env.testedAt) ? <When at={env.testedAt} /> : <Dimmed>{t("environments.never")}</Dimmed>}
        </Line>
        <Line label={t("environments.lastScan")}>
          {isKnown(inventory.at) ? (
            <>
              <When at={inventory.at} /> ·{" "}
              {t("environments.customizations", { count: inventory.count, n: number(inventory.count) })}
            </>
          ) : (
            <Dimmed>{t("environments.never")}</Dimmed>
          )}
        </Line>
      </Stack>
      {scan.work && (scan.running || !scan.work.succeeded) && <WorkProgress work={scan.work} />}
      <ConnectionAnswer connection={connection} />
      <Divider my="sm" mt="auto" />
      <Group gap="xs">
        <WhyButton
          size="xs"
          variant="default"
          allowed={!held}
          why={held}
          onClick={connection.test}
          loading={connection.testing}
        >
          {t("environments.testConnection")}
        </WhyButton>
        <WhyButton
          size="xs"
          variant="default"
          allowed={!heldScan}
          why={heldScan}
          onClick={scan.start}
          loading={scan.starting}
        >
          {scan.running ? t("environments.scanning") : t("environments.runScan")}
        </WhyButton>
        <Button
          size="xs"
          variant="subtle"
          ml="auto"
          renderRoot={(props) => <Link {...props} to="/environments/$id" params={{ id: env.id }} />}
        >
          {t("environments.open")}
        </Button>
      </Group>
    </Paper>
  );
}

/** Whether this computer can sign in, and with what. */
function CredentialsState({ view }: { view: workspace.EnvironmentView }) {
  const { t } = useTranslation();
  if (view.environment.signIn === governance.SignInMethod.Sf) return <>{t("environments.byCLI")}</>;
  const kept = view.unconfirmed
    ? "environments.toConfirm"
    : view.hasCredentials
      ? "environments.byBrowser"
      : "environments.notSignedIn";
  const Icon = view.hasCredentials ? IconCircleCheck : IconAlertTriangle;
  return (
    <Group gap={4} wrap="nowrap" align="flex-start">
      <Icon size={15} aria-hidden style={{ flex: "none", marginTop: 2 }} />
      {t(
        view.environment.signIn === governance.SignInMethod.Oauth
          ? kept
          : view.hasCredentials
            ? "environments.kept"
            : "environments.missing",
      )}
    </Group>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <Text size="sm" c="dimmed" w={112} flex="none">
        {label}
      </Text>
      <Text component="div" size="sm" style={{ minWidth: 0, overflowWrap: "anywhere" }}>
        {children}
      </Text>
    </Group>
  );
}

const Dimmed = ({ children }: { children: ReactNode }) => (
  <Text span size="sm" c="dimmed">
    {children}
  </Text>
);
