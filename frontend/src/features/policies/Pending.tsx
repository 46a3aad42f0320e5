import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconHourglass, IconSignature } from "@tabler/icons-react";
import { useState } from "react";
import type { workspace } from "@/api/models";
import { signPolicies } from "@/api/policies";
import { DiffTable, useDiffOf } from "@/components/DiffTable";
import { Person } from "@/components/Person";
import { usePageActions } from "@/components/page-actions";
import { SignDialog } from "@/components/SignDialog";
import { useAct } from "@/components/use-act";
import { useWhy } from "@/components/use-said";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";

/** Changes that were proposed and wait for other owners. */
export function Pending({ all }: { all: workspace.Policies }) {
  if (all.pending.length === 0) return null;
  return (
    <Stack gap="md" mb="lg">
      {all.pending.map((change) => (
        <Change key={change.act} change={change} />
      ))}
    </Stack>
  );
}

function Change({ change }: { change: workspace.PolicyChange }) {
  const { t } = useTranslation();
  const { say } = useWhy();
  const [signing, setSigning] = useState(false);
  const sign = useAct(() => signPolicies(change.act), {
    key: ["sign-policies", change.act],
    onDone: () => setSigning(false),
    done: () => t("policies.signedNow", { version: change.version }),
  });
  const title = t("policies.pending", { version: change.version });
  const why = !change.canSign && change.why ? say(change.why, change.whySaid) : "";
  usePageActions(t("policies.title"), [
    {
      id: "sign-policies",
      of: change.act,
      words: t("action.of", { what: t("action.signPolicies"), name: title }),
      why,
      busy: sign.isPending,
      run: () => setSigning(true),
    },
  ]);
  const missing = Math.max(0, change.needed - change.endorsed.length);
  const diff = <DiffTable diff={useDiffOf()(change)} label={title} />;
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label={title}>
      <Group justify="space-between" align="flex-start" gap="md" mb="sm">
        <Group gap="sm" align="flex-start" wrap="nowrap" flex={1} miw={260}>
          <IconHourglass size={20} stroke={1.6} aria-hidden style={{ flex: "none", marginTop: 2 }} />
          <div>
            <Title order={2} fz="md">
              {title}
            </Title>
            <Text size="sm" component="div">
              {change.by && (
                <>
                  {t("policies.proposedBy", { name: change.by.name })} <When at={change.at} /> ·{" "}
                </>
              )}
              {t("policies.missing", { count: missing })}
            </Text>
          </div>
        </Group>
        <Stack gap={2} align="flex-end">
          <WhyButton
            leftSection={<IconSignature size={16} aria-hidden />}
            allowed={change.canSign}
            why={why}
            said={`why-${change.act}`}
            loading={sign.isPending}
            onClick={() => setSigning(true)}
          >
            {t("policies.sign")}
          </WhyButton>
          {why && (
            <Text id={`why-${change.act}`} size="xs" c="dimmed" ta="right" maw={320}>
              {why}
            </Text>
          )}
        </Stack>
      </Group>
      {diff}
      <Group gap="md" mt="sm">
        <Text size="sm" c="dimmed">
          {t("policies.signers", { count: change.endorsed.length, needed: change.needed })}
        </Text>
        {change.endorsed.map((person) => (
          <Person key={person.id} person={person} />
        ))}
      </Group>
      <SignDialog
        opened={signing}
        onClose={() => setSigning(false)}
        title={t("policies.signTitle")}
        subject={title}
        digest={change.act}
        button={t("policies.sign")}
        pending={sign.isPending}
        withoutReason
        onSign={() => sign.mutate()}
      >
        {diff}
      </SignDialog>
    </Paper>
  );
}
