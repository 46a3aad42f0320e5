import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconHourglass, IconSignature } from "@tabler/icons-react";
import { useState } from "react";
import { signRoster, signWithFile } from "@/api/members";
import type { workspace } from "@/api/models";
import { DiffTable, useDiffOf } from "@/components/DiffTable";
import { Person } from "@/components/Person";
import { usePageActions } from "@/components/page-actions";
import { SignDialog } from "@/components/SignDialog";
import { useAct } from "@/components/use-act";
import { useWhy } from "@/components/use-said";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { PassphraseDialog } from "./PassphraseDialog";

/** Changes of members and policies that wait for other owners. */
export function Pending({ all }: { all: workspace.Members }) {
  if (all.pending.length === 0) return null;
  const kit = all.members.some((m) => m.recovery && m.live);
  return (
    <Stack gap="md" mb="lg">
      {all.pending.map((change) => (
        <Change key={change.act} change={change} kit={kit} />
      ))}
    </Stack>
  );
}

function Change({ change, kit }: { change: workspace.PolicyChange; kit: boolean }) {
  const { t } = useTranslation();
  const { say } = useWhy();
  const [signing, setSigning] = useState(false);
  const [byFile, setByFile] = useState(false);
  const sign = useAct(() => signRoster(change.act), {
    key: ["sign-policies", change.act],
    onDone: () => setSigning(false),
    done: () => t("members.signedNow"),
  });
  const file = useAct((passphrase: string) => signWithFile(change.act, passphrase), {
    onDone: () => setByFile(false),
  });
  const title = t("members.pending", { version: change.version });
  const why = !change.canSign && change.why ? say(change.why, change.whySaid) : "";
  usePageActions(t("members.title"), [
    {
      id: "sign-members",
      of: change.act,
      words: t("action.of", { what: t("action.signMembers"), name: title }),
      why,
      busy: sign.isPending,
      run: () => setSigning(true),
    },
  ]);
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
                  {t("members.proposedBy", { name: change.by.name })} <When at={change.at} /> ·{" "}
                </>
              )}
              {t("members.missing", { count: Math.max(0, change.needed - change.endorsed.length) })}
            </Text>
          </div>
        </Group>
        <Stack gap={2} align="flex-end">
          <Group gap="xs">
            {kit && (
              <Button variant="default" onClick={() => setByFile(true)}>
                {t("members.signWithFile")}
              </Button>
            )}
            <WhyButton
              leftSection={<IconSignature size={16} aria-hidden />}
              allowed={change.canSign}
              why={why}
              said={`why-${change.act}`}
              loading={sign.isPending}
              onClick={() => setSigning(true)}
            >
              {t("members.sign")}
            </WhyButton>
          </Group>
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
          {t("members.signers", { count: change.endorsed.length, needed: change.needed })}
        </Text>
        {change.endorsed.map((person) => (
          <Person key={person.id} person={person} />
        ))}
      </Group>
      <SignDialog
        opened={signing}
        onClose={() => setSigning(false)}
        title={t("members.signTitle")}
        subject={title}
        digest={change.act}
        button={t("members.sign")}
        pending={sign.isPending}
        withoutReason
        onSign={() => sign.mutate()}
      >
        {diff}
      </SignDialog>
      <PassphraseDialog
        opened={byFile}
        onClose={() => setByFile(false)}
        title={t("members.signWithFile")}
        text={t("members.signWithFileWhat")}
        button={t("members.chooseFile")}
        pending={file.isPending}
        onDone={file.mutate}
      >
        {diff}
      </PassphraseDialog>
    </Paper>
  );
}
