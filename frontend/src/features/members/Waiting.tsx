import { Group, Paper, Radio, Select, Stack, Text, Title } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { governance } from "@/api/models";
import { workspace } from "@/api/models";
import { usePageActions } from "@/components/page-actions";
import { useWhy } from "@/components/use-said";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { ChangeDialog, rosterChange } from "./ChangeDialog";
import { Fingerprint } from "./Fingerprint";
import { RoleChoice } from "./RoleChoice";

const { RosterKind } = workspace;

/** Keys whose holders ask to be let in. */
export function Waiting({ all }: { all: workspace.Members }) {
  // The own key has a card of its own; here it is for an owner who can let it in.
  const waiting = all.waiting.filter((key) => !key.here || all.propose.allowed);
  if (waiting.length === 0) return null;
  return (
    <Stack gap="md" mb="lg">
      {waiting.map((key) => (
        <Key key={key.act} all={all} waiting={key} />
      ))}
    </Stack>
  );
}

function Key({ all, waiting }: { all: workspace.Members; waiting: workspace.WaitingKey }) {
  const { t } = useTranslation();
  const { say } = useWhy();
  const [opened, setOpened] = useState(false);
  const held = all.solo ? all.propose : all.admit;
  const why = waiting.proposed
    ? t("members.proposedAlready")
    : held.allowed
      ? ""
      : say(held.why, held.whySaid);
  const title = t("members.waits", { name: waiting.name });
  usePageActions(t("members.title"), [
    {
      id: "admit",
      of: waiting.act,
      words: t("action.of", { what: t("action.admit"), name: waiting.name }),
      why,
      run: () => setOpened(true),
    },
  ]);
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label={title}>
      <Group justify="space-between" align="flex-start" gap="md">
        <Stack gap={4} flex={1} miw={260}>
          <Title order={2} fz="md">
            {title}
          </Title>
          <Text size="sm" component="div">
            {t("members.asked")} <When at={waiting.at} />
            {waiting.note && ` · ${waiting.note}`}
          </Text>
          <Fingerprint value={waiting.fingerprint} large />
          <Text size="sm" c="dimmed" maw="46rem">
            {t(waiting.here ? "members.compareHere" : "members.compareWhy", { name: waiting.name })}
          </Text>
        </Stack>
        <Stack gap={2} align="flex-end">
          <WhyButton
            leftSection={<IconUserPlus size={16} aria-hidden />}
            allowed={why === ""}
            why={why}
            said={`why-${waiting.act}`}
            onClick={() => setOpened(true)}
          >
            {t("members.admit")}
          </WhyButton>
          {why && (
            <Text id={`why-${waiting.act}`} size="xs" c="dimmed" ta="right" maw={320}>
              {why}
            </Text>
          )}
        </Stack>
      </Group>
      {opened && <AdmitDialog all={all} waiting={waiting} onClose={() => setOpened(false)} />}
    </Paper>
  );
}

type AdmitProps = { all: workspace.Members; waiting: workspace.WaitingKey; onClose: () => void };

/** Who it is, in which roles, and whether the digits were compared. */
function AdmitDialog({ all, waiting, onClose }: AdmitProps) {
  const { t } = useTranslation();
  const live = all.members.filter((m) => !m.recovery);
  const known = live.find((m) => m.me && waiting.here) ?? live.find((m) => m.person.name === waiting.name);
  const [kind, setKind] = useState<workspace.RosterKind>(
    known || all.solo
      ? waiting.here || all.solo
        ? RosterKind.ReplaceKey
        : RosterKind.AddKey
      : RosterKind.Admit,
  );
  const [member, setMember] = useState(known?.person.id ?? live[0]?.person.id ?? "");
  const [roles, setRoles] = useState<governance.Role[]>([]);
  const [compared, setCompared] = useState("");
  const inUse = live.find((m) => m.person.id === member)?.keys.filter((key) => !key.ended) ?? [];
  const [old, setOld] = useState("");
  const replaced = inUse.find((key) => key.public === old)?.public ?? inUse[0]?.public ?? "";
  const isNew = kind === RosterKind.Admit;
  const change = rosterChange({
    kind,
    key: waiting.public,
    member: isNew ? "" : member,
    roles: isNew ? roles : [],
    compared: isNew && compared === "yes",
    old: kind === RosterKind.ReplaceKey ? replaced : "",
  });
  const ready =
    (compared !== "" || waiting.here) &&
    (isNew ? roles.length > 0 : member !== "") &&
    (kind !== RosterKind.ReplaceKey || replaced !== "");
  return (
    <ChangeDialog
      opened
      onClose={onClose}
      title={t("members.admitTitle", { name: waiting.name })}
      subject={waiting.name}
      change={change}
      ready={ready}
    >
      <Radio.Group
        label={t("members.asWhat")}
        value={kind}
        onChange={(next) => setKind(next as workspace.RosterKind)}
      >
        <Stack gap={6} mt={4}>
          {!all.solo && <Radio value={RosterKind.Admit} label={t("members.asNew")} />}
          <Radio value={RosterKind.AddKey} label={t("members.asFurther")} />
          <Radio value={RosterKind.ReplaceKey} label={t("members.asReplacement")} />
        </Stack>
      </Radio.Group>
      {isNew ? (
        <RoleChoice all={all} value={roles} onChange={setRoles} />
      ) : (
        <Select
          label={t("members.whose")}
          data={live.map((m) => ({ value: m.person.id, label: m.person.name }))}
          value={member}
          onChange={(next) => setMember(next ?? "")}
          allowDeselect={false}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
      )}
      {kind === RosterKind.ReplaceKey && inUse.length > 1 && (
        <Select
          label={t("members.oldKey")}
          data={inUse.map((key) => ({ value: key.public, label: key.fingerprint }))}
          value={replaced}
          onChange={(next) => setOld(next ?? "")}
          allowDeselect={false}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
      )}
      {!waiting.here && (
        <Radio.Group
          label={t("members.compared")}
          description={<Fingerprint value={waiting.fingerprint} large />}
          value={compared}
          onChange={setCompared}
        >
          <Stack gap={6} mt={4}>
            <Radio value="yes" label={t("members.comparedYes")} />
            <Radio value="no" label={t("members.comparedNo")} description={t("members.comparedNoWhy")} />
          </Stack>
        </Radio.Group>
      )}
    </ChangeDialog>
  );
}
