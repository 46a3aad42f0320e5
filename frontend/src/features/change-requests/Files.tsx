import { ActionIcon, Button, Group, Stack, Text, Title, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconClipboardText,
  IconDownload,
  IconFile,
  IconFileImport,
  IconPaperclip,
  IconX,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import {
  attach,
  importManifest,
  removeAttachment,
  removeManifest,
  request,
  saveAttachment,
} from "@/api/change-requests";
import type { workspace } from "@/api/models";
import { usePageActions } from "@/components/page-actions";
import { useAct } from "@/components/use-act";
import { useSaid } from "@/components/use-said";
import { useSize } from "@/components/use-size";
import { useTranslation } from "@/i18n/use-translation";
import { PasteManifest } from "./PasteManifest";

type Props = { view: workspace.RequestView; editable: boolean };

/** What a change of a request answers is drawn at once, and what it did otherwise than asked is said. */
export function useAnswer() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const say = useSaid("changeRequests");
  return (answer: workspace.RequestView) => {
    client.setQueryData(request(answer.request.id).queryKey, answer);
    const notes = answer.notes.map((note) => say(note.text, note));
    if (notes.length > 0)
      notifications.show({
        message: notes.join(" "),
        color: "yellow",
        autoClose: 10_000,
        closeButtonProps: { "aria-label": t("common.close") },
      });
  };
}

/** The imported package manifests, and the ways to import one. */
export function Manifests({ view, editable }: Props) {
  const { t } = useTranslation();
  const onDone = useAnswer();
  const id = view.request.id;
  const [pasting, setPasting] = useState(false);
  const pick = useAct(() => importManifest(id), { onDone });
  const remove = useAct((name: string) => removeManifest(id, name), { onDone });
  usePageActions(`${view.label} ${view.request.name}`.trim(), [
    editable && { id: "paste", run: () => setPasting(true) },
  ]);
  const { manifests } = view.request;
  if (!editable && manifests.length === 0) return null;
  return (
    <Section
      title={t("changeRequests.manifests.title")}
      hint={editable ? t("changeRequests.manifests.hint") : undefined}
      empty={manifests.length === 0}
      actions={
        editable && (
          <>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconFileImport size={15} aria-hidden />}
              onClick={() => pick.mutate()}
            >
              {t("changeRequests.manifests.import")}
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconClipboardText size={15} aria-hidden />}
              onClick={() => setPasting(true)}
            >
              {t("changeRequests.manifests.paste")}
            </Button>
          </>
        )
      }
    >
      {manifests.map((manifest) => (
        <Row
          key={manifest.name}
          icon={<IconClipboardText size={16} stroke={1.6} aria-hidden />}
          name={manifest.name}
          detail={t("changeRequests.manifests.detail", {
            count: manifest.members.reduce((n, member) => n + member.names.length, 0),
            types: manifest.members.length,
            version: manifest.apiVersion,
          })}
        >
          {editable && (
            <RowAction
              icon={IconX}
              label={t("changeRequests.remove", { name: manifest.name })}
              onClick={() => remove.mutate(manifest.name)}
            />
          )}
        </Row>
      ))}
      <PasteManifest id={id} opened={pasting} onClose={() => setPasting(false)} />
    </Section>
  );
}

/** The attached files. */
export function Attachments({ view, editable }: Props) {
  const { t } = useTranslation();
  const size = useSize();
  const onDone = useAnswer();
  const id = view.request.id;
  const pick = useAct(() => attach(id), { onDone });
  const remove = useAct((name: string) => removeAttachment(id, name), { onDone });
  const save = useAct((name: string) => saveAttachment(id, name), {
    done: (name) => (name ? t("changeRequests.attachments.saved", { name }) : ""),
  });
  const { attachments } = view.request;
  if (!editable && attachments.length === 0) return null;
  return (
    <Section
      title={t("changeRequests.attachments.title")}
      hint={editable ? t("changeRequests.attachments.hint") : undefined}
      empty={attachments.length === 0}
      actions={
        editable && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPaperclip size={15} aria-hidden />}
            onClick={() => pick.mutate()}
          >
            {t("changeRequests.attachments.add")}
          </Button>
        )
      }
    >
      {attachments.map((file) => (
        <Row
          key={file.name}
          icon={<IconFile size={16} stroke={1.6} aria-hidden />}
          name={file.name}
          detail={size(file.size)}
        >
          <RowAction
            icon={IconDownload}
            label={t("changeRequests.attachments.save", { name: file.name })}
            onClick={() => save.mutate(file.name)}
          />
          {editable && (
            <RowAction
              icon={IconX}
              label={t("changeRequests.remove", { name: file.name })}
              onClick={() => remove.mutate(file.name)}
            />
          )}
        </Row>
      ))}
    </Section>
  );
}

function Section(p: {
  title: string;
  hint?: string;
  empty: boolean;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Stack gap={6} component="section" aria-label={p.title}>
      <Group justify="space-between" gap="xs" align="flex-end">
        <div>
          <Title order={2} fz="sm" fw={550}>
            {p.title}
          </Title>
          {p.hint && (
            <Text size="xs" c="dimmed">
              {p.hint}
            </Text>
          )}
        </div>
        <Group gap="xs">{p.actions}</Group>
      </Group>
      {!p.empty && <div className="rows">{p.children}</div>}
      {p.empty && p.children}
    </Stack>
  );
}

function Row(p: { icon: ReactNode; name: string; detail: string; children?: ReactNode }) {
  return (
    <Group gap="sm" wrap="nowrap" px="sm" py={6}>
      {p.icon}
      <Text size="sm" fw={550} truncate="end" title={p.name} style={{ minWidth: 0 }}>
        {p.name}
      </Text>
      <Text size="xs" c="dimmed" className="tabular" style={{ flex: "1 0 auto" }}>
        {p.detail}
      </Text>
      <Group gap={2} wrap="nowrap">
        {p.children}
      </Group>
    </Group>
  );
}

function RowAction({
  icon: Icon,
  label,
  onClick,
}: {
  icon: typeof IconX;
  label: string;
  onClick: () => void;
}) {
  return (
    <Tooltip label={label} openDelay={300}>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} onClick={onClick}>
        <Icon size={15} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
