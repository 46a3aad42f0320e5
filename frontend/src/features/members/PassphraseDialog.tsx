import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { Dialog } from "@/components/Dialog";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  opened: boolean;
  onClose: () => void;
  title: string;
  text: string;
  button: string;
  /** A new passphrase is entered twice, so that a slip does not lock the file. */
  fresh?: boolean;
  /** The file may be written or read without one. */
  optional?: boolean;
  pending: boolean;
  children?: ReactNode;
  onDone: (passphrase: string) => void;
};

/** Asks for the passphrase of a file. The backend says whether it is long enough. */
export function PassphraseDialog(p: Props) {
  return (
    <Dialog opened={p.opened} onClose={p.onClose} title={p.title} size="md">
      {p.opened && <Body {...p} />}
    </Dialog>
  );
}

function Body({ onClose, text, button, fresh, optional, pending, children, onDone }: Props) {
  const { t } = useTranslation();
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const differs = fresh && second !== "" && first !== second;
  const ready = (optional || first !== "") && (!fresh || first === second);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (ready && !pending) onDone(first);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text size="sm">{text}</Text>
        {children}
        <PasswordInput
          data-autofocus
          label={t(optional && fresh ? "members.passphraseOptional" : "members.passphrase")}
          description={fresh ? t("members.passphraseWhat") : undefined}
          value={first}
          onChange={(e) => setFirst(e.currentTarget.value)}
          autoComplete="off"
        />
        {fresh && (
          <PasswordInput
            label={t("members.passphraseAgain")}
            value={second}
            onChange={(e) => setSecond(e.currentTarget.value)}
            error={differs && t("members.passphraseDiffers")}
            autoComplete="off"
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" disabled={!ready} loading={pending}>
            {button}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
