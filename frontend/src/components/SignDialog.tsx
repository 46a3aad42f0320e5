import {
  Alert,
  Button,
  Checkbox,
  Divider,
  Group,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "@/i18n/use-translation";
import { Dialog } from "./Dialog";
import { Digest } from "./Digest";
import { EnvironmentBadge } from "./EnvironmentBadge";
import { useWorkspace } from "./use-workspace";

type Props = {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What is signed: "CR-0042 Discount approval". */
  subject: string;
  digest?: string;
  /** The digest that was asked about, where it may be older than what is drawn; otherwise that of the opening. */
  seen?: string;
  target?: { id: string; name: string; production: boolean };
  /** Warnings in people's words, above the button. */
  children?: ReactNode;
  needsReason?: boolean;
  /** It is an approval: in a solo workspace the person says that they know what that means. */
  approves?: boolean;
  /** What is done keeps no reason, such as the start of an attempt. */
  withoutReason?: boolean;
  reasonLabel?: string;
  /** The target's name has to be typed. */
  typed?: string;
  button: string;
  /** False while something of the children is missing. */
  ready?: boolean;
  color?: string;
  pending?: boolean;
  onSign: (said: { reason: string; typed: string }) => void;
};

/**
 * The confirmation before anything is signed or deployed: it names what, which content, where, and who. Outside the
 * demo the system asks once more by itself, so that no script alone can sign.
 */
export function SignDialog(p: Props) {
  return (
    <Dialog opened={p.opened} onClose={p.onClose} title={p.title}>
      {p.opened && <Body {...p} />}
    </Dialog>
  );
}

function Body({
  onClose,
  subject,
  digest,
  seen: asked,
  target,
  children,
  needsReason,
  approves,
  withoutReason,
  reasonLabel,
  typed,
  button,
  ready: given = true,
  color,
  pending,
  onSign,
}: Props) {
  const { t } = useTranslation();
  const { state, me } = useWorkspace();
  const [reason, setReason] = useState("");
  const [name, setName] = useState("");
  const [understood, setUnderstood] = useState(!(approves && state?.solo));
  // What the person saw when this opened is what they sign, or nothing.
  const [seen] = useState(asked ?? digest);
  const changed = digest !== seen;
  const ready =
    given &&
    !changed &&
    (!needsReason || reason.trim() !== "") &&
    (!typed || name.trim() === typed) &&
    understood;
  const sign = () => ready && !pending && onSign({ reason: reason.trim(), typed: name.trim() });
  return (
    <Stack gap="md" onKeyDown={(e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && sign()}>
      {changed && (
        <Alert color="red" variant="light" p="sm" role="alert">
          {t("sign.changed")}
        </Alert>
      )}
      {target?.production && (
        <Alert color="red" variant="light" p="sm">
          {t("sign.production", { name: target.name })}
        </Alert>
      )}
      <Table variant="vertical" layout="fixed" withTableBorder verticalSpacing={6} fz="sm">
        <Table.Tbody>
          <Row label={t("sign.what")}>{subject}</Row>
          {digest && (
            <Row label={t("sign.digest")}>
              <Digest value={digest} length={32} />
            </Row>
          )}
          {target && (
            <Row label={t("sign.target")}>
              <EnvironmentBadge {...target} />
            </Row>
          )}
          <Row label={t("sign.person")}>{me?.name ?? "–"}</Row>
        </Table.Tbody>
      </Table>
      {children}
      {!withoutReason && (
        <Textarea
          data-autofocus
          label={reasonLabel ?? t(needsReason ? "sign.reason" : "sign.comment")}
          description={t("sign.reasonKept")}
          required={needsReason}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4000}
          value={reason}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
      )}
      {typed && (
        <TextInput
          data-autofocus={withoutReason || undefined}
          label={t("sign.typed", { name: typed })}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      {approves && state?.solo && (
        <Checkbox
          checked={understood}
          onChange={(e) => setUnderstood(e.currentTarget.checked)}
          label={t("sign.solo")}
        />
      )}
      <Divider />
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {t(state?.demo ? "sign.demo" : "sign.system")}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button
            data-autofocus={withoutReason || undefined}
            color={color}
            disabled={!ready}
            loading={pending}
            onClick={sign}
          >
            {button}
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w={140}>{label}</Table.Th>
      <Table.Td>{children}</Table.Td>
    </Table.Tr>
  );
}
