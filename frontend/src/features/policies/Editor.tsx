import { Alert, Box, Button, Divider, Group, Paper, Select, Stack, Text, Title } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import type { governance, workspace } from "@/api/models";
import { proposePolicies } from "@/api/policies";
import { DiffList, DiffTable } from "@/components/DiffTable";
import { FaultAlert } from "@/components/FaultAlert";
import { PageHeader } from "@/components/PageHeader";
import { SignDialog } from "@/components/SignDialog";
import { useAct } from "@/components/use-act";
import { usePreference } from "@/components/use-preference";
import { useWorkspace } from "@/components/use-workspace";
import { useTranslation } from "@/i18n/use-translation";
import { Ask } from "./Ask";
import { Calendar } from "./Calendar";
import { Duties } from "./Duties";
import { type Draft, differences, draftOf, readDraft } from "./draft";
import { EmergencyRules } from "./EmergencyRules";
import { LevelTable } from "./LevelTable";
import { Owners } from "./Owners";
import { SeatRules } from "./SeatRules";
import { useWords } from "./use-words";

type Props = { all: workspace.Policies; onClose: () => void };

/** The policies as forms. Nothing is in force before it is signed; the exact difference is always in sight. */
export function Editor({ all, onClose }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const { state } = useWorkspace();
  const [kept, keep] = usePreference(`policy-draft.${state?.id ?? ""}`);
  const [draft, setDraft] = useState<Draft>(() => readDraft(kept, all));
  const [at, setAt] = useState(-1); // -1: the request policy, otherwise the place among the environments'
  const [signing, setSigning] = useState(false);
  const [asking, ask] = useState(false);
  const keepSoon = useDebouncedCallback((next: Draft) => keep(JSON.stringify(next)), {
    delay: 600,
    flushOnUnmount: true,
  });
  const force = draftOf(all);
  const change = (next: Draft) => {
    setDraft(next);
    keepSoon(next);
  };
  const setPolicy = (policy: governance.Policy) =>
    change(
      at < 0
        ? { ...draft, requests: policy }
        : { ...draft, environments: draft.environments.map((each, i) => (i === at ? policy : each)) },
    );
  const diff = [
    ...differences(force.requests, draft.requests, words),
    ...force.environments.flatMap((before, i) => differences(before, draft.environments[i] ?? before, words)),
  ];
  const propose = useAct(() => proposePolicies(draft.requests, draft.environments), {
    key: ["propose-policies"],
    onDone: () => {
      keepSoon.cancel();
      keep("");
      onClose();
    },
    shows: () => true,
    done: () => t(all.owners > 1 ? "policies.proposedNow" : "policies.inForceSoon"),
  });
  const discard = () => {
    keepSoon.cancel();
    keep("");
    setDraft(force);
  };
  const policy = at < 0 ? draft.requests : draft.environments[at];
  if (!policy) return null;
  const subject = t("policies.edit.subject", { version: all.version + 1 });
  return (
    <Box px="lg" py="md">
      <PageHeader
        title={t("policies.edit.title")}
        lead={t(all.owners > 1 ? "policies.edit.lead" : "policies.edit.leadOne", { count: all.owners })}
        aside={
          <Button variant="default" onClick={onClose} flex="none">
            {t("policies.edit.leave")}
          </Button>
        }
      />
      <div className="columns" data-columns="7-5" data-gap="lg">
        <div>
          <Stack gap="lg">
            <Select
              label={t("policies.edit.which")}
              value={String(at)}
              onChange={(next) => next !== null && setAt(Number(next))}
              allowDeselect={false}
              data={[
                { value: "-1", label: draft.requests.name },
                ...draft.environments.map((each, i) => ({ value: String(i), label: each.name })),
              ]}
            />
            <Section title={t("policies.edit.levels")} lead={t("policies.edit.levelsWhy")}>
              <LevelTable policy={policy} all={all} onChange={setPolicy} />
            </Section>
            <Section title={t("policies.edit.seats")} lead={t("policies.edit.seatsWhy")}>
              <SeatRules policy={policy} all={all} onChange={setPolicy} />
            </Section>
            <Section title={t("policies.edit.duties")} lead={t("policies.edit.dutiesWhy")}>
              <Duties policy={policy} all={all} requests={at < 0} onChange={setPolicy} />
            </Section>
            <Section title={t("policies.edit.emergency")} lead={t("policies.edit.emergencyWhy")}>
              <EmergencyRules policy={policy} requests={at < 0} onChange={setPolicy} />
            </Section>
            {at >= 0 && (
              <Section title={t("policies.edit.calendar")} lead={t("policies.edit.calendarWhy")}>
                <Calendar key={at} policy={policy} onChange={setPolicy} />
              </Section>
            )}
            <Section title={t("policies.edit.owners")} lead={t("policies.edit.ownersWhy")}>
              <Owners policy={policy} all={all} onChange={setPolicy} />
            </Section>
            <Section title={t("policies.edit.ask")} lead={t("policies.edit.askWhy")}>
              {asking ? (
                <Ask all={all} draft={draft} />
              ) : (
                <Button variant="default" size="xs" onClick={() => ask(true)}>
                  {t("policies.ask.title")}
                </Button>
              )}
            </Section>
          </Stack>
        </div>
        <div>
          <Paper
            withBorder
            radius="md"
            p="md"
            pos="sticky"
            top="calc(var(--app-shell-header-height, 48px) + 16px)"
          >
            <Title order={2} fz="md">
              {t("policies.edit.preview")}
            </Title>
            <Text size="sm" c="dimmed" mb="sm">
              {t("policies.edit.previewWhy", { count: diff.length })}
            </Text>
            <Box mah="55vh" style={{ overflow: "auto" }} tabIndex={diff.length > 6 ? 0 : undefined}>
              <DiffList diff={diff} label={t("policies.edit.preview")} />
            </Box>
            {propose.error && propose.error.code !== "declined" && (
              <Box mt="sm">
                <FaultAlert title={t("policies.edit.notProposed")} fault={propose.error} />
              </Box>
            )}
            <Divider my="md" />
            <Group justify="flex-end" gap="xs">
              <Button variant="subtle" color="gray" disabled={diff.length === 0} onClick={discard}>
                {t("policies.edit.discard")}
              </Button>
              <Button
                disabled={diff.length === 0}
                loading={propose.isPending}
                onClick={() => setSigning(true)}
              >
                {t("policies.edit.sign")}
              </Button>
            </Group>
            {diff.length === 0 && (
              <Text size="xs" c="dimmed" ta="right" mt={4}>
                {t("policies.edit.nothing")}
              </Text>
            )}
          </Paper>
        </div>
      </div>
      <SignDialog
        opened={signing}
        onClose={() => setSigning(false)}
        title={t("policies.edit.signTitle")}
        subject={subject}
        button={t("policies.edit.signButton")}
        pending={propose.isPending}
        withoutReason
        onSign={() => propose.mutate(undefined, { onSettled: () => setSigning(false) })}
      >
        {all.owners > 1 && (
          <Alert variant="light" color="gray" p="xs">
            <Text size="sm">{t("policies.edit.others", { count: all.owners - 1 })}</Text>
          </Alert>
        )}
        <DiffTable diff={diff} label={subject} />
      </SignDialog>
    </Box>
  );
}

function Section({ title, lead, children }: { title: string; lead: string; children: React.ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={2} fz="md">
        {title}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {lead}
      </Text>
      {children}
    </section>
  );
}
