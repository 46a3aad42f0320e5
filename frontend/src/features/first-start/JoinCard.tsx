import { Button, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Fault } from "@/api/fault";
import { FaultAlert } from "@/components/FaultAlert";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  onJoin: (passphrase: string) => void;
  pending: boolean;
  disabled: boolean;
  fault: Fault | null;
};

/** Joining a workspace of others with the invitation that an owner sent. */
export function JoinCard({ onJoin, pending, disabled, fault }: Props) {
  const { t } = useTranslation();
  const [passphrase, setPassphrase] = useState("");
  const submit = (e: FormEvent) => {
    e.preventDefault();
    onJoin(passphrase);
  };
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-labelledby="join">
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <Title order={2} fz="md" id="join">
            {t("firstStart.join.title")}
          </Title>
          <Text size="sm">{t("firstStart.join.what")}</Text>
          <PasswordInput
            size="sm"
            label={t("firstStart.join.passphrase")}
            description={t("firstStart.join.passphraseWhat")}
            value={passphrase}
            onChange={(e) => setPassphrase(e.currentTarget.value)}
            autoComplete="off"
          />
          {fault && <FaultAlert title={t("firstStart.join.notJoined")} fault={fault} />}
          <Button type="submit" variant="default" loading={pending} disabled={disabled && !pending}>
            {t("firstStart.join.join")}
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}
