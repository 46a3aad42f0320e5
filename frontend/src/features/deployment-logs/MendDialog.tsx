import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { doOnRecord, record } from "@/api/deployment-records";
import { governance, type workspace } from "@/api/models";
import { AddMissingDialog } from "@/components/AddMissingDialog";
import { Dialog } from "@/components/Dialog";
import { NotRead } from "@/components/NotRead";
import { SignDialog } from "@/components/SignDialog";
import { keyOfAct, useAct } from "@/components/use-act";
import { useWhy } from "@/components/use-said";
import { Waiting } from "@/components/Waiting";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";

type Props = { view: workspace.LogView; opened: boolean; onClose: () => void };

/** What can mend a failed attempt, the likeliest first, each leading to where it is done. */
export function MendDialog({ view, opened, onClose }: Props) {
  const { t } = useTranslation();
  const [then, setThen] = useState<"add" | "reopen">();
  const missing = view.causes.flatMap((c) => c.missing);
  const unique = missing.filter(
    (c, i) => missing.findIndex((o) => o.type === c.type && o.name === c.name) === i,
  );
  const go = (what: "add" | "reopen") => {
    onClose();
    setThen(what);
  };
  return (
    <>
      <Dialog opened={opened} onClose={onClose} title={t("logs.mend")}>
        {opened && <Ways view={view} missing={unique} onGo={go} />}
      </Dialog>
      <AddMissingDialog
        opened={then === "add"}
        onClose={() => setThen(undefined)}
        recordId={view.record.id}
        request={view.record.request}
        missing={unique}
      />
      {then === "reopen" && <Reopen view={view} onClose={() => setThen(undefined)} />}
    </>
  );
}

type WaysProps = {
  view: workspace.LogView;
  missing: governance.Customization[];
  onGo: (what: "add" | "reopen") => void;
};

function Ways({ view, missing, onGo }: WaysProps) {
  const { t } = useTranslation();
  const why = useWhy();
  const navigate = useNavigate();
  const { record: row } = view;
  const now = useQuery(record(row.id));
  if (now.isError) return <NotRead title={t("logs.notRead")} query={now} />;
  if (now.isPending) return <Waiting rows={3} />;
  const reopen = now.data.actions.find((a) => a.action === governance.Action.Reopen);
  const kind = view.log.kind === governance.AttemptKind.Quick ? governance.AttemptKind.Deploy : view.log.kind;
  const step = now.data.steps.find((s) => s.code === (kind as string));
  const toRecord = () => void navigate({ to: "/deployments/$id", params: { id: row.id } });
  return (
    <Stack gap="md">
      {missing.length > 0 && (
        <Way what={t("logs.way.add", { count: missing.length })}>
          <Button onClick={() => onGo("add")}>{t("attempt.add.button")}</Button>
        </Way>
      )}
      <Way
        what={t("logs.way.repeat", { target: row.target })}
        why={step && !step.allowed ? why.both(step) : ""}
      >
        <Button variant="default" onClick={toRecord}>
          {t("logs.repeat")}
        </Button>
      </Way>
      {reopen && (
        <Way what={t("logs.way.reopen")} why={reopen.allowed ? "" : why.action(reopen)} id="why-reopen">
          <WhyButton
            variant="default"
            allowed={reopen.allowed}
            why={reopen.allowed ? "" : why.action(reopen)}
            said="why-reopen"
            onClick={() => onGo("reopen")}
          >
            {t("logs.reopen", { label: row.label })}
          </WhyButton>
        </Way>
      )}
      <Way what={t("logs.way.request")}>
        <Button
          variant="default"
          onClick={() => void navigate({ to: "/change-requests/$id", params: { id: row.requestId } })}
        >
          {t("logs.openRequest")}
        </Button>
      </Way>
    </Stack>
  );
}

function Way({ what, why, id, children }: { what: string; why?: string; id?: string; children: ReactNode }) {
  return (
    <Group justify="space-between" gap="md">
      <div style={{ flex: "1 1 260px" }}>
        <Text size="sm">{what}</Text>
        {why && (
          <Text id={id} size="xs" c="dimmed">
            {why}
          </Text>
        )}
      </div>
      {children}
    </Group>
  );
}

function Reopen({ view, onClose }: { view: workspace.LogView; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { record: row } = view;
  const now = useQuery(record(row.id));
  const action = governance.Action.Reopen;
  const reopen = useAct(
    (reason: string) => doOnRecord(row.id, { action, reason, seen: now.data?.digest ?? "" }),
    {
      key: keyOfAct.lifecycle(row.id),
      onDone: () => {
        onClose();
        void navigate({ to: "/deployments/$id", params: { id: row.id }, search: { tab: "details" } });
      },
    },
  );
  return (
    <SignDialog
      opened
      onClose={onClose}
      title={t("logs.reopen", { label: row.label })}
      subject={`${row.label} ${row.name}`}
      digest={now.data?.digest}
      target={{ id: row.targetId, name: row.target, production: row.production }}
      needsReason={now.data?.actions.find((a) => a.action === action)?.needsReason}
      ready={now.data !== undefined}
      button={t("logs.reopen", { label: row.label })}
      pending={reopen.isPending}
      onSign={({ reason }) => reopen.mutate(reason)}
    >
      <Text size="sm">{t("logs.reopenWhat")}</Text>
    </SignDialog>
  );
}
