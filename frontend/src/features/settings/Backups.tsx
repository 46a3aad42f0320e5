import { Alert, Button, Checkbox, Code, Group, Stack, Table, Text } from "@mantine/core";
import { IconAlertTriangle, IconDatabaseExport, IconFolderShare, IconHistory } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { workspace } from "@/api/models";
import { backUp, backUpTo, backups, restoreBackup } from "@/api/settings";
import { Dialog } from "@/components/Dialog";
import { FaultAlert } from "@/components/FaultAlert";
import { NotRead } from "@/components/NotRead";
import { usePageActions } from "@/components/page-actions";
import { forgetTyped } from "@/components/unsaved";
import { useAct } from "@/components/use-act";
import { useSize } from "@/components/use-size";
import { useSettle } from "@/components/use-unsaved";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { Section } from "./Section";

/** Copies of the database on this computer, the whole workspace to a folder, and the way back. */
export function Backups() {
  const { t } = useTranslation();
  const kept = useQuery(backups);
  const now = useAct(backUp, { done: (file) => t("settings.backedUp", { name: file.name }) });
  const whole = useAct(backUpTo, {
    done: (folder) => (folder ? t("settings.copied", { folder }) : ""), // nothing was picked
  });
  const [asked, setAsked] = useState<workspace.BackupFile>();
  usePageActions(t("settings.title"), [
    { id: "back-up", busy: now.isPending, run: () => now.mutate() },
    { id: "copy-workspace", busy: whole.isPending, run: () => whole.mutate() },
  ]);
  return (
    <Section title={t("settings.backups")} lead={t("settings.backupsWhy")}>
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={<IconDatabaseExport size={16} aria-hidden />}
          onClick={() => now.mutate()}
          loading={now.isPending}
        >
          {t("settings.backUp")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconFolderShare size={16} aria-hidden />}
          onClick={() => whole.mutate()}
          loading={whole.isPending}
        >
          {t("settings.copyTo")}
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        {t("settings.copyToWhy")}
      </Text>
      {kept.isPending && <Waiting rows={2} />}
      {kept.isError && <NotRead title={t("settings.backupsNotRead")} query={kept} />}
      {kept.data?.length === 0 && <Text size="sm">{t("settings.noBackup")}</Text>}
      {kept.data && kept.data.length > 0 && <Files files={kept.data} onRestore={setAsked} />}
      <RestoreDialog key={asked?.name} file={asked} onClose={() => setAsked(undefined)} />
    </Section>
  );
}

type FilesProps = { files: workspace.BackupFile[]; onRestore: (file: workspace.BackupFile) => void };

function Files({ files, onRestore }: FilesProps) {
  const { t, i18n } = useTranslation();
  const size = useSize();
  return (
    <Table.ScrollContainer minWidth={420} w="100%">
      <Table fz="sm" verticalSpacing={4} withTableBorder aria-label={t("settings.kept")}>
        <Table.Thead className="table-head">
          <Table.Tr>
            <Table.Th>{t("settings.column.at")}</Table.Th>
            <Table.Th>{t("settings.column.name")}</Table.Th>
            <Table.Th ta="right">{t("settings.column.size")}</Table.Th>
            <Table.Th>{t("settings.column.state")}</Table.Th>
            <Table.Th>
              <span className="unseen">{t("settings.restore")}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {files.map((file) => (
            <Table.Tr key={file.name}>
              <Table.Td className="tabular">
                {new Date(file.at).toLocaleString(i18n.language, { dateStyle: "medium", timeStyle: "short" })}
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{file.name}</Table.Td>
              <Table.Td ta="right" className="tabular">
                {size(file.size)}
              </Table.Td>
              <Table.Td>
                <Age file={file} />
              </Table.Td>
              <Table.Td ta="right">
                <Button
                  size="compact-sm"
                  variant="subtle"
                  disabled={file.unreadable}
                  title={file.unreadable ? t("settings.backup.unreadableWhy") : undefined}
                  onClick={() => onRestore(file)}
                  aria-label={t("settings.restoreOf", { name: file.name })}
                >
                  {t("settings.restore")}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** How a copy stands to the workspace as it is now, in entries of the audit trail. */
function Age({ file }: { file: workspace.BackupFile }) {
  const { t } = useTranslation();
  if (file.unreadable)
    return (
      <Group gap={4} wrap="nowrap" c="red.9" title={t("settings.backup.unreadableWhy")}>
        <IconAlertTriangle size={14} aria-hidden style={{ flex: "none" }} />
        {t("settings.backup.unreadable")}
      </Group>
    );
  if (file.behind > 0) return t("settings.backup.behind", { count: file.behind });
  if (file.behind < 0) return t("settings.backup.ahead", { count: -file.behind });
  return t("settings.backup.current");
}

/** Going back says before what it costs: what is newer is gone from here, and verification will say so. */
function RestoreDialog({ file, onClose }: { file?: workspace.BackupFile; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [understood, setUnderstood] = useState(false);
  const settle = useSettle();
  const restore = useAct(
    async (name: string) => {
      await settle(); // what is newer than the copy is kept aside, and so is what was typed last
      await restoreBackup(name);
    },
    {
      onDone: () => {
        client.clear(); // nothing that was read or typed belongs to the copy
        forgetTyped(client, "all");
        onClose();
        void navigate({ to: "/audit-trail" });
      },
      shows: () => true,
      key: ["restore"],
    },
  );
  const at =
    file && new Date(file.at).toLocaleString(i18n.language, { dateStyle: "long", timeStyle: "short" });
  return (
    <Dialog opened={file !== undefined} onClose={onClose} title={t("settings.restoreTitle")}>
      {file && (
        <Stack gap="md">
          <Text size="md">{t("settings.restoreWhat", { at })}</Text>
          <Alert color="red" variant="light" title={t("settings.restoreWarning")}>
            <Stack gap={6}>
              <Text size="sm">{t("settings.restoreNewer")}</Text>
              <Text size="sm">{t("settings.restoreVerify")}</Text>
              <Text size="sm">{t("settings.restoreOrgs")}</Text>
            </Stack>
          </Alert>
          <Text size="sm" c="dimmed">
            {t("settings.restoreAside")} <Code>{file.name}</Code>
          </Text>
          <Checkbox
            checked={understood}
            onChange={(e) => setUnderstood(e.currentTarget.checked)}
            label={t("settings.understood")}
          />
          {restore.error && restore.error.code !== "declined" && (
            <FaultAlert title={t("settings.notRestored")} fault={restore.error} />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose} data-autofocus>
              {t("common.cancel")}
            </Button>
            <Button
              color="red.9"
              leftSection={<IconHistory size={16} aria-hidden />}
              disabled={!understood}
              loading={restore.isPending}
              onClick={() => restore.mutate(file.name)}
            >
              {t("settings.restore")}
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}
