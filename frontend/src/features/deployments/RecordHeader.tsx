import { ActionIcon, Anchor, Group, Menu, Stack, Text, Title } from "@mantine/core";
import { IconArrowNarrowRight, IconArrowsExchange, IconDots, IconTrash } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { governance, type workspace } from "@/api/models";
import { Digest } from "@/components/Digest";
import { EmergencyBadge } from "@/components/EmergencyBadge";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { Person } from "@/components/Person";
import { usePageActions } from "@/components/page-actions";
import { StatusBadge } from "@/components/StatusBadge";
import { useConfirm } from "@/components/use-confirm";
import { useWhy } from "@/components/use-said";
import { useTitle } from "@/components/use-title";
import { WhyItem } from "@/components/WhyItem";
import { useTranslation } from "@/i18n/use-translation";
import { levelWord } from "./options";
import type { RecordActs } from "./use-record-acts";
import { WordBadge } from "./WordBadge";

const { Action } = governance;

/** What the menu offers; submitting, approving and completing have their steps. */
const inMenu = [Action.Withdraw, Action.Recall, Action.Complete, Action.Reopen, Action.Cancel];

/** What goes where: number and name, source and target, and the facts that are approved with it. */
export function RecordHeader({ view, acts }: { view: workspace.RecordView; acts: RecordActs }) {
  const { t } = useTranslation();
  const { record, source, target } = view;
  useTitle(`${view.label} ${record.name}`.trim());
  return (
    <Stack gap={8}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="md">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Text size="sm" c="dimmed" fw={500} className="tabular">
              {view.label}
            </Text>
            <StatusBadge status={record.status} />
            <WordBadge word={view.word} />
            {view.request.type === governance.ChangeType.Emergency && <EmergencyBadge />}
            <Text size="sm" c="dimmed">
              {t("deployments.for")}{" "}
              <Anchor
                inherit
                renderRoot={(props) => (
                  <Link to="/change-requests/$id" params={{ id: record.requestId }} {...props} />
                )}
              >
                {view.request.label} {view.request.name !== record.name && view.request.name}
              </Anchor>
            </Text>
          </Group>
          <Title order={1} fz={22} lh={1.3} style={{ overflowWrap: "anywhere" }}>
            {record.name || t("deployments.noName")}
          </Title>
        </div>
        <Actions view={view} acts={acts} />
      </Group>
      <Group
        gap="sm"
        aria-label={t("deployments.way", {
          source: source.environment.name,
          target: target.environment.name,
        })}
        role="group"
      >
        <Side view={source} />
        <IconArrowNarrowRight size={34} stroke={1.4} aria-label={t("deployments.to")} />
        <Side view={target} />
      </Group>
      <Group gap="4px 20px">
        <Fact label={t("deployments.fact.deployer")}>
          {view.deployer ? (
            <Person person={view.deployer} size={18} />
          ) : (
            <Text size="sm">{t("common.none")}</Text>
          )}
        </Fact>
        <Fact label={t("deployments.fact.content")}>
          <Text size="sm">
            {t(record.whole ? "deployments.allOf" : "deployments.selectionOf", { count: view.count })}
          </Text>
        </Fact>
        <Fact label={t("deployments.fact.tests")}>
          <Text size="sm">{t(`deployments.testLevel.${levelWord(record.options.testLevel)}`)}</Text>
        </Fact>
        <Fact label={t("deployments.fact.onError")}>
          <Text size="sm">
            {t(record.options.rollbackOnError ? "deployments.rollsBack" : "deployments.keepsPart")}
          </Text>
        </Fact>
        {view.digest && (
          <Fact label={t("sign.digest")}>
            <Digest value={view.digest} />
          </Fact>
        )}
      </Group>
    </Stack>
  );
}

function Side({ view }: { view: workspace.EnvironmentView }) {
  const e = view.environment;
  return (
    <Link to="/environments/$id" params={{ id: e.id }} style={{ textDecoration: "none" }}>
      <EnvironmentBadge id={e.id} name={e.name} kind={e.kind} production={view.production} size="lg" />
    </Link>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <Group gap={6}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {children}
    </Group>
  );
}

function Actions({ view, acts }: { view: workspace.RecordView; acts: RecordActs }) {
  const { t } = useTranslation();
  const why = useWhy();
  const confirm = useConfirm();
  const confirmDelete = async () => {
    const goes = await confirm({
      title: t("deployments.delete", { label: view.label }),
      text: t("deployments.deleteWhat"),
      yes: t("deployments.deleteButton"),
      red: true,
    });
    if (goes) acts.remove.mutate();
  };
  const navigate = useNavigate();
  const send = () =>
    void navigate({ to: "/exchange", search: { tab: "send", request: view.record.requestId } });
  usePageActions(`${view.label} ${view.record.name}`.trim(), [
    { id: "send", run: send },
    view.canDelete && { id: "delete", words: t("deployments.deleteButton"), run: confirmDelete },
  ]);
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }} width={300}>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={t("common.more")} title={t("common.more")}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconArrowsExchange size={15} aria-hidden />} onClick={send}>
          {t("action.send")}
        </Menu.Item>
        <Menu.Divider />
        {inMenu.map((action) => {
          const state = acts.actionOf(action);
          if (!state) return null;
          return (
            <WhyItem
              key={action}
              allowed={state.allowed && !acts.wish.isPending}
              why={why.action(state)}
              color={action === Action.Cancel && state.allowed ? "red" : undefined}
              onClick={() => acts.ask({ about: "action", action })}
            >
              {t(`deployments.action.${action}`)}
            </WhyItem>
          );
        })}
        {view.canDelete && (
          <>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={15} aria-hidden />} onClick={confirmDelete}>
              {t("deployments.deleteButton")}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
