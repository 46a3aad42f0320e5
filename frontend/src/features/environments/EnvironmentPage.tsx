import { Anchor, Box, Button, Group, Paper, Stack, Tabs, Text, Title } from "@mantine/core";
import { IconArrowLeft, IconStethoscope } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { environment } from "@/api/environments";
import { governance, type workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { FillHeight, FullPage } from "@/components/FillHeight";
import { NextBar } from "@/components/NextBar";
import { NotRead } from "@/components/NotRead";
import { usePageActions } from "@/components/page-actions";
import { faultHint } from "@/components/use-act";
import { useNumber } from "@/components/use-number";
import { useTitle } from "@/components/use-title";
import { Waiting } from "@/components/Waiting";
import { WhyButton } from "@/components/WhyButton";
import { WorkProgress } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";
import { ColorChoice, edge, useColor } from "./ColorChoice";
import { ConnectionAnswer, type ConnectionState, useConnection } from "./ConnectionTest";
import { CredentialsForm } from "./CredentialsForm";
import { Doctor, useDoctor } from "./Doctor";
import { EnvironmentForm } from "./EnvironmentForm";
import { Inventory } from "./Inventory";
import { Outside } from "./Outside";
import { daysSince } from "./times";
import { useHeld } from "./use-held";
import { useScan } from "./use-scan";

/** One environment: what is in it, and how one signs in there. */
export function EnvironmentPage(): React.ReactNode {
  const { t } = useTranslation();
  const { id = "" } = useParams({ strict: false });
  const one = useQuery(environment(id));
  const fault = one.error && (
    <Box px="lg" py="md">
      <NotRead alone={!one.data} title={t("environments.notRead")} query={one} />
    </Box>
  );
  if (!one.data) return fault || <Waiting />;
  return (
    <>
      {fault}
      <Known key={one.data.environment.id} view={one.data} />
    </>
  );
}

function Known({ view }: { view: workspace.EnvironmentView }) {
  const { t } = useTranslation();
  const env = view.environment;
  useTitle(env.name);
  const [color] = useColor(env.id);
  const connection = useConnection(env.id);
  const navigate = useNavigate();
  const tab = useSearch({ strict: false }).tab ?? (isKnown(view.inventory.at) ? "inventory" : "connection");
  const show = (to: string | null) =>
    navigate({ to: "/environments/$id", params: { id: env.id }, search: { tab: to ?? undefined } });
  return (
    <FullPage>
      <Box pl="md" mb="md" style={{ borderLeft: edge(view.production, color) }}>
        <Anchor component={Link} to="/environments" size="sm" c="dimmed">
          <Group component="span" gap={4} display="inline-flex">
            <IconArrowLeft size={14} aria-hidden />
            {t("environments.title")}
          </Group>
        </Anchor>
        <Group gap="sm" mt={4} align="center">
          <Title order={1} fz={22} lh={1.3} style={{ overflowWrap: "anywhere" }}>
            {env.name}
          </Title>
          <EnvironmentBadge
            id={env.id}
            name={t(view.production ? "environments.asProduction" : `environments.kind.${env.kind}`)}
            kind={env.kind}
            production={view.production}
          />
        </Group>
        <Text size="md" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {[env.organizationName, env.username, t("environments.records", { count: view.records })]
            .filter(Boolean)
            .join(" · ")}
        </Text>
      </Box>
      <WhatNext view={view} connection={connection} tab={tab} onShow={show} />
      <Tabs
        value={tab}
        onChange={show}
        mt="md"
        keepMounted={false}
        flex="1 1 auto"
        display="flex"
        style={{ flexDirection: "column" }}
      >
        <Tabs.List>
          <Tabs.Tab value="inventory">{t("environments.tab.inventory")}</Tabs.Tab>
          <Tabs.Tab value="outside">{t("environments.tab.outside")}</Tabs.Tab>
          <Tabs.Tab value="connection">{t("environments.tab.connection")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel
          value="inventory"
          pt="md"
          // Its own display would beat the one that hides it, and it would take room from the other.
          {...(tab === "inventory" && { flex: "1 1 auto", display: "flex" })}
          style={{ flexDirection: "column" }}
        >
          <FillHeight least={360}>
            <Inventory id={env.id} scanned={isKnown(view.inventory.at)} />
          </FillHeight>
        </Tabs.Panel>
        <Tabs.Panel value="outside" pt="md">
          <Outside view={view} />
        </Tabs.Panel>
        <Tabs.Panel value="connection" pt="md">
          <Connection view={view} />
        </Tabs.Panel>
      </Tabs>
    </FullPage>
  );
}

const staleDays = 7;

function stepOf(
  view: workspace.EnvironmentView,
): "confirm" | "credentials" | "test" | "scan" | "rescan" | "done" {
  const env = view.environment;
  if (view.unconfirmed) return "confirm";
  if (env.signIn !== governance.SignInMethod.Sf && !view.hasCredentials) return "credentials";
  if (!isKnown(env.testedAt)) return "test";
  if (!isKnown(view.inventory.at)) return "scan";
  return daysSince(view.inventory.at) >= staleDays ? "rescan" : "done";
}

type NextProps = {
  view: workspace.EnvironmentView;
  connection: ConnectionState;
  tab: string;
  onShow: (tab: string) => void;
};

/** One sentence, one filled button, and how a scan goes. */
function WhatNext({ view, connection, tab, onShow }: NextProps) {
  const { t } = useTranslation();
  const number = useNumber();
  const scan = useScan(view.environment.id);
  const step = scan.running ? "running" : stepOf(view);
  const browser = view.environment.signIn === governance.SignInMethod.Oauth;
  const doctor = useDoctor(view.environment.id);
  const sentence = {
    running: t("environments.next.running"),
    confirm: t("environments.next.confirm"),
    credentials: t(browser ? "environments.next.signIn" : "environments.next.credentials"),
    test: t("environments.next.test"),
    scan: t("environments.next.scan"),
    rescan: t("environments.next.rescan", { count: daysSince(view.inventory.at) }),
    done: t("environments.next.done", { count: view.inventory.count, n: number(view.inventory.count) }),
  }[step];
  const held = useHeld(view);
  const heldScan = held || (scan.running ? t("environments.scanRuns") : "");
  usePageActions(view.environment.name, [
    { id: "test", why: held, busy: connection.testing, run: connection.test },
    { id: "scan", why: heldScan, busy: scan.starting, run: scan.start },
    { id: "credentials", run: () => onShow("connection") },
  ]);
  const code = step === "done" ? "done" : `environment-${step}`;
  const testing = (
    <WhyButton
      variant={step === "test" ? "filled" : "default"}
      allowed={!held}
      why={held}
      onClick={connection.test}
      loading={connection.testing}
    >
      {t("environments.testConnection")}
    </WhyButton>
  );
  return (
    <Stack gap="xs">
      <NextBar
        next={{
          code,
          sentence,
          action: step === "running" ? "" : step,
          who: [],
          said: { text: sentence, code: "", params: {} },
        }}
      >
        {step === "confirm" && tab !== "connection" && (
          <Button onClick={() => onShow("connection")}>{t("environments.confirm.look")}</Button>
        )}
        {step === "credentials" && tab !== "connection" && (
          <Button onClick={() => onShow("connection")}>
            {t(browser ? "environments.setUpSignIn" : "environments.enterCredentials")}
          </Button>
        )}
        {testing}
        <WhyButton
          variant={step === "scan" || step === "rescan" ? "filled" : "default"}
          allowed={!heldScan}
          why={heldScan}
          onClick={scan.start}
          loading={scan.starting}
        >
          {t("environments.runScan")}
        </WhyButton>
      </NextBar>
      {scan.work && (
        <Box px={4}>
          <WorkProgress work={scan.work} />
          {!scan.running && scan.work.problem?.hint && (
            <Text size="sm" fw={550}>
              {faultHint(t, scan.work.problem)}
            </Text>
          )}
        </Box>
      )}
      <ConnectionAnswer connection={connection} whole={tab === "connection"} />
      {connection.fault && (
        <Button
          variant="default"
          size="xs"
          w="fit-content"
          leftSection={<IconStethoscope size={14} aria-hidden />}
          disabled={doctor.looks}
          onClick={() => {
            onShow("connection");
            doctor.look();
          }}
        >
          {t("environments.doctor.look")}
        </Button>
      )}
    </Stack>
  );
}

function Connection({ view }: { view: workspace.EnvironmentView }) {
  const { t } = useTranslation();
  const env = view.environment;
  return (
    // In a small window how one signs in comes first: it is what is done there.
    <div className="room">
      <Box className="columns" data-columns="2-connection" data-gap="lg" maw={1280}>
        <Stack gap="lg">
          <Section
            title={t(
              env.signIn === governance.SignInMethod.Oauth
                ? "environments.section.signIn"
                : "environments.section.credentials",
            )}
          >
            <CredentialsForm key={env.signIn} view={view} />
          </Section>
          <Section title={t("environments.section.doctor")}>
            <Doctor id={env.id} />
          </Section>
        </Stack>
        <Stack gap="lg">
          <Section title={t("environments.section.environment")}>
            <EnvironmentForm view={view} onSaved={() => {}} />
          </Section>
          <Section title={t("environments.section.color")}>
            <ColorChoice id={env.id} production={view.production} />
          </Section>
        </Stack>
      </Box>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label={title}>
      <Title order={2} fz="md" mb="sm">
        {title}
      </Title>
      {children}
    </Paper>
  );
}
