import { Alert, Button, List, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Fault } from "@/api/fault";
import type { workspace } from "@/api/models";
import { FaultAlert } from "@/components/FaultAlert";
import { faultTitle } from "@/components/use-act";
import { useWhy } from "@/components/use-said";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  onMake: (name: string, person: string) => void;
  pending: boolean;
  disabled: boolean;
  fault: Fault | null;
  keychain?: workspace.KeychainState;
};

/** A workspace of one's own: who one is, and honestly what a workspace of one person cannot prove. */
export function OwnCard({ onMake, pending, disabled, fault, keychain }: Props) {
  const { t } = useTranslation();
  const { say } = useWhy();
  const [person, setPerson] = useState("");
  const [name, setName] = useState("");
  const [asked, setAsked] = useState(false);
  const lacks = (value: string) => asked && value.trim() === "";
  const taken = fault?.code === "workspace_exists";
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setAsked(true);
    if (person.trim() && name.trim()) onMake(name.trim(), person.trim());
  };
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-labelledby="own">
      <form onSubmit={submit} noValidate style={{ height: "100%" }}>
        <Stack gap="sm" h="100%">
          <Title order={2} fz="md" id="own">
            {t("firstStart.own.title")}
          </Title>
          <TextInput
            size="sm"
            label={t("firstStart.own.person")}
            description={t("firstStart.own.personWhat")}
            value={person}
            onChange={(e) => setPerson(e.currentTarget.value)}
            error={lacks(person) && t("firstStart.own.personMissing")}
            maxLength={120}
            autoComplete="name"
          />
          <TextInput
            size="sm"
            label={t("firstStart.own.name")}
            description={t("firstStart.own.nameWhat")}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
            error={lacks(name) ? t("firstStart.own.nameMissing") : taken && faultTitle(t, fault)}
            maxLength={120}
            autoComplete="off"
          />
          <List size="sm" spacing={2}>
            <List.Item>{t("firstStart.own.key")}</List.Item>
            <List.Item>{t("firstStart.own.solo")}</List.Item>
          </List>
          {keychain?.why ? (
            <Alert color="yellow" p="xs" title={t("firstStart.own.noKeychain")}>
              <Text size="sm">{say(keychain.why, keychain.said)}</Text>
              <Text size="sm">{t("firstStart.own.without")}</Text>
            </Alert>
          ) : (
            <Text size="xs" c="dimmed">
              {t("firstStart.own.without")}
            </Text>
          )}
          {fault && !taken && <FaultAlert title={t("firstStart.own.notMade")} fault={fault} />}
          <Button type="submit" variant="default" mt="auto" loading={pending} disabled={disabled && !pending}>
            {t("firstStart.own.make")}
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}
