import { Text } from "@mantine/core";
import { IconListDetails } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { AttemptBadge } from "@/components/AttemptBadge";
import { EmptyState } from "@/components/EmptyState";
import { useWhy } from "@/components/use-said";
import { VirtualList } from "@/components/VirtualList";
import { When } from "@/components/When";
import { duration } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";

const columns = {
  display: "grid",
  gridTemplateColumns: "40px 130px 176px minmax(0, 2fr) minmax(0, 1fr) 110px 64px",
  columnGap: 12,
  alignItems: "center",
  padding: "0 12px",
} as const;

const rowHeight = 40;

/** Every attempt of the record, newest first. */
export function LogsTab({ view }: { view: workspace.RecordView }) {
  const { t } = useTranslation();
  const { say } = useWhy();
  const navigate = useNavigate();
  if (view.logs.length === 0)
    return (
      <EmptyState icon={IconListDetails} title={t("deployments.noLogs")} text={t("deployments.noLogsText")} />
    );
  return (
    <VirtualList
      items={view.logs}
      keyOf={(log) => log.id}
      rowHeight={rowHeight}
      height={Math.min(12, view.logs.length) * rowHeight + 2}
      label={t("deployments.tab.logs")}
      onOpen={(log) => void navigate({ to: "/logs/$id", params: { id: log.id } })}
      head={
        <div className="table-head" style={{ ...columns, minHeight: 28 }}>
          {["attempt", "kindOf", "result", "message", "person", "started", "took"].map((word) => (
            <Text key={word} fz={12} fw={550} c="dimmed" truncate="end">
              {t(`deployments.column.${word}`)}
            </Text>
          ))}
        </div>
      }
      row={(log) => (
        <div style={{ ...columns, height: "100%" }}>
          <Text size="sm" c="dimmed" className="tabular">
            {log.attempt}
          </Text>
          <Text size="sm" fw={550} truncate="end">
            {t(`attempt.kind.${log.kind}`)}
          </Text>
          <div>
            <AttemptBadge word={log.word} result={log.result} />
          </div>
          <Text size="sm" truncate="end" title={say(log.message, log.said)}>
            {say(log.message, log.said)}
          </Text>
          <Text size="sm" truncate="end">
            {log.by?.name ?? "–"}
          </Text>
          <When at={log.startedAt} />
          <Text size="sm" className="tabular" c="dimmed">
            {isKnown(log.completedAt)
              ? duration((new Date(log.completedAt).getTime() - new Date(log.startedAt).getTime()) / 1000)
              : "–"}
          </Text>
        </div>
      )}
    />
  );
}
