import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { proposeRoster, rosterPreview } from "@/api/members";
import type { workspace } from "@/api/models";
import { DiffTable, useDiffOf } from "@/components/DiffTable";
import { FaultAlert } from "@/components/FaultAlert";
import { SignDialog } from "@/components/SignDialog";
import { useAct } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";

/** A change of the members with what it leaves open filled in. */
export const rosterChange = (change: Partial<workspace.RosterChange>): workspace.RosterChange => ({
  kind: "" as workspace.RosterKind,
  key: "",
  member: "",
  roles: [],
  compared: false,
  old: "",
  last: "",
  threshold: 0,
  ...change,
});

type Props = {
  opened: boolean;
  onClose: () => void;
  title: string;
  subject: string;
  change: workspace.RosterChange;
  /** False while the form above lacks something. */
  ready?: boolean;
  danger?: boolean;
  children?: ReactNode;
};

/** A change of the members: its form, exactly what it changes, and the signature. */
export function ChangeDialog({
  opened,
  onClose,
  title,
  subject,
  change,
  ready = true,
  danger,
  children,
}: Props) {
  const { t } = useTranslation();
  const preview = useQuery({
    ...rosterPreview(change),
    enabled: opened && ready,
    placeholderData: keepPreviousData,
  });
  const propose = useAct(proposeRoster, {
    onDone: onClose,
    done: ({ pending, demo, members }) =>
      t(
        pending.length > 0
          ? "members.proposedNow"
          : !demo && members.some((m) => m.live && !m.me)
            ? "members.inForceTell"
            : "members.inForceNow",
      ),
  });
  const diff = useDiffOf()({ diff: preview.data ?? [] });
  return (
    <SignDialog
      opened={opened}
      onClose={onClose}
      title={title}
      subject={subject}
      button={t("members.propose")}
      color={danger ? "red" : undefined}
      pending={propose.isPending}
      ready={ready && preview.isSuccess && !preview.isPlaceholderData}
      withoutReason
      onSign={() => propose.mutate(change)}
    >
      {children}
      {ready && preview.isError && <FaultAlert title={t("members.notPossible")} fault={preview.error} />}
      {ready && preview.isSuccess && <DiffTable diff={diff} label={t("members.changes")} />}
    </SignDialog>
  );
}
