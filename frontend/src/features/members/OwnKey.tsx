import { Button, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconDeviceFloppy } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { askToJoin } from "@/api/members";
import type { workspace } from "@/api/models";
import { useAct } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";
import { Fingerprint } from "./Fingerprint";

type Props = {
  all: workspace.Members;
  /** Opens the form though no key waits: a member wants a new one. */
  wanted: boolean;
  onInvite: () => void;
  onRestore: () => void;
};

/** The key of this computer that is not let in yet: asking for it, or what to do until the owners have signed. */
export function OwnKey({ all, wanted, onInvite, onRestore }: Props) {
  const { t } = useTranslation();
  const own = all.own;
  if (own?.asked)
    return (
      <Paper withBorder radius="md" p="md" mb="lg" component="section" aria-label={t("members.own")}>
        <Stack gap="xs" align="flex-start">
          <Title order={2} fz="md">
            {t("members.own")}
          </Title>
          <Text size="md" maw="46rem">
            {t("members.ownWhat")}
          </Text>
          <Fingerprint value={own.fingerprint} large />
          <Group gap="xs">
            <Button leftSection={<IconDeviceFloppy size={16} aria-hidden />} onClick={onInvite}>
              {t("members.saveAnswer")}
            </Button>
            <Button variant="default" onClick={onRestore}>
              {t("members.restoreKey")}
            </Button>
          </Group>
        </Stack>
      </Paper>
    );
  return own || wanted ? <Ask all={all} onRestore={onRestore} /> : null;
}

function Ask({ all, onRestore }: { all: workspace.Members; onRestore: () => void }) {
  const { t } = useTranslation();
  const me = all.members.find((m) => m.me);
  const [name, setName] = useState(me?.person.name ?? "");
  const [note, setNote] = useState("");
  const [asked, setAsked] = useState(false);
  const ask = useAct(() => askToJoin(name.trim(), note.trim()), { done: () => t("members.askedNow") });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setAsked(true);
    if (name.trim() && !ask.isPending) ask.mutate();
  };
  return (
    <Paper withBorder radius="md" p="md" mb="lg" component="section" aria-label={t("members.askTitle")}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm" maw="34rem">
          <Title order={2} fz="md">
            {t(me ? "members.newKeyTitle" : "members.askTitle")}
          </Title>
          <Text size="md">{t(me ? "members.newKeyWhat" : "members.askWhat")}</Text>
          <TextInput
            label={t("members.yourName")}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
            error={asked && name.trim() === "" && t("members.nameMissing")}
            maxLength={255}
            autoComplete="name"
          />
          <TextInput
            label={t("members.note")}
            description={t("members.noteWhat")}
            value={note}
            onChange={(e) => setNote(e.currentTarget.value)}
            maxLength={500}
            autoComplete="off"
          />
          <Group gap="xs">
            <Button type="submit" loading={ask.isPending}>
              {t("members.ask")}
            </Button>
            <Button variant="default" onClick={onRestore}>
              {t("members.restoreKey")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
