import { Alert, Badge, Button, Chip, Group, List, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { dependencies } from "@/api/deployment-records";
import { scan, type workspace } from "@/api/models";
import { AddMissingDialog } from "@/components/AddMissingDialog";
import { keyOf } from "@/components/customization";
import { NotRead } from "@/components/NotRead";
import { useWhy } from "@/components/use-said";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { WorkProgress } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";
import type { StepProps } from "./Steps";

const { Where } = scan;

/** What is missing comes first. */
const places = [Where.Missing, Where.Deleted, Where.Nowhere, Where.Target, Where.Package];

const colors: Record<scan.Where, string> = {
  [Where.Missing]: "red",
  [Where.Deleted]: "red",
  [Where.Nowhere]: "yellow",
  [Where.Target]: "green",
  [Where.Package]: "blue",
};

const columns = {
  display: "grid",
  gridTemplateColumns: "112px minmax(0, 1.4fr) minmax(0, 1.4fr) minmax(0, 1fr) 92px",
  columnGap: 12,
  alignItems: "center",
  padding: "0 12px",
} as const;

const rowHeight = 34;

/** To what the package refers, and where that is: in the target, in the package, or nowhere. */
export function DependenciesDetail({ acts, work, step }: StepProps) {
  const { t } = useTranslation();
  const { record } = acts.view;
  const answer = useQuery({
    ...dependencies(record.id),
    queryKey: ["dependencies", record.id, step.at, step.state, record.package],
    enabled: !work,
  });
  if (work) return <WorkProgress work={work} />;
  if (answer.isError) return <NotRead title={t("deployments.notRead")} query={answer} />;
  if (answer.isPending) return <Waiting rows={3} />;
  if (!answer.data.known)
    return (
      <Text size="sm" c="dimmed">
        {t("deployments.stepWhat.dependencies")}
      </Text>
    );
  return <Answer data={answer.data} view={acts.view} />;
}

function Answer({ data, view }: { data: workspace.DependencyAnswer; view: workspace.RecordView }) {
  const { t } = useTranslation();
  const why = useWhy();
  const { answer } = data;
  const [place, setPlace] = useState<string>("");
  const count = (where: scan.Where) => data.counts.find((c) => c.in === where)?.count ?? 0;
  const items = answer.items.filter((i) => place === "" || i.in === place);
  return (
    <Stack gap="sm">
      {!data.current && (
        <Alert color="yellow" variant="light" p="xs">
          {t("deployments.otherContent")}
        </Alert>
      )}
      <Missing answer={answer} view={view} />
      <Chip.Group value={place} onChange={(v) => setPlace(String(v))}>
        <Group gap={6} role="radiogroup" aria-label={t("deployments.filterPlace")}>
          <Chip size="xs" variant="outline" value="">
            {t("common.all")} {data.total}
          </Chip>
          {places
            .filter((where) => count(where) > 0)
            .map((where) => (
              <Chip key={where} size="xs" variant="outline" value={where}>
                {t(`deployments.where.${where}`)} {count(where)}
              </Chip>
            ))}
        </Group>
      </Chip.Group>
      {items.length > 0 && (
        <VirtualList
          items={items}
          keyOf={(d) => `${keyOf(d.from)} ${keyOf(d.to)}`}
          rowHeight={rowHeight}
          height={Math.min(9, items.length) * rowHeight + 2}
          label={t("deployments.references")}
          head={
            <div className="table-head" style={{ ...columns, minHeight: 28 }}>
              {["place", "to", "from", "at", "found"].map((word) => (
                <Text key={word} fz={12} fw={550} c="dimmed" truncate="end">
                  {t(`deployments.column.${word}`)}
                </Text>
              ))}
            </div>
          }
          row={(d) => <Row d={d} />}
        />
      )}
      {data.left > 0 && (
        <Text size="sm" c="dimmed">
          {t("deployments.notListed", { count: data.left })}
        </Text>
      )}
      {answer.truncated && (
        <Alert color="yellow" variant="light" p="xs">
          {t("deployments.truncated")}
        </Alert>
      )}
      {(answer.notes.length > 0 || answer.notCovered.length > 0) && (
        <List size="sm">
          {answer.notCovered.length > 0 && (
            <List.Item>{t("deployments.notCovered", { types: answer.notCovered.join(", ") })}</List.Item>
          )}
          {answer.notes.map((note, i) => (
            <List.Item key={note}>{why.say(note, data.notesSaid?.[i])}</List.Item>
          ))}
        </List>
      )}
      <Text size="xs" c="dimmed">
        {t("deployments.checked")} <When at={answer.checkedAt} />
      </Text>
    </Stack>
  );
}

function Row({ d }: { d: scan.Dependency }) {
  const { t } = useTranslation();
  return (
    <div style={{ ...columns, height: "100%" }}>
      <Badge size="sm" variant="light" color={colors[d.in]} radius="sm" tt="none" fw={500}>
        {t(`deployments.where.${d.in}`)}
      </Badge>
      <Text size="sm" fw={550} truncate="end" title={keyOf(d.to)}>
        {d.to.name}{" "}
        <Text span size="xs" c="dimmed">
          {d.to.type}
        </Text>
      </Text>
      <Text size="sm" truncate="end" title={keyOf(d.from)}>
        {d.from.name}{" "}
        <Text span size="xs" c="dimmed">
          {d.from.type}
        </Text>
      </Text>
      <Text size="xs" c="dimmed" truncate="end" title={d.where}>
        {d.where}
      </Text>
      <Text size="xs" c="dimmed" truncate="end">
        {d.found.map((by) => t(`deployments.foundBy.${by}`, { defaultValue: by })).join(", ")}
      </Text>
    </div>
  );
}

function Missing({ answer, view }: { answer: scan.Dependencies; view: workspace.RecordView }) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  if (answer.missing.length === 0)
    return (
      <Group gap={6}>
        <IconCheck size={16} aria-hidden />
        <Text size="sm">{t("deployments.nothingMissing")}</Text>
      </Group>
    );
  return (
    <Alert
      color="red"
      variant="light"
      p="sm"
      icon={<IconAlertTriangle aria-hidden />}
      title={t("deployments.missing", { count: answer.missing.length })}
    >
      <Stack gap="xs">
        <Text size="sm">{t("deployments.missingWhat", { target: view.target.environment.name })}</Text>
        <List size="sm">
          {answer.missing.slice(0, 12).map((c) => (
            <List.Item key={keyOf(c)}>
              {c.type}: {c.name}
            </List.Item>
          ))}
        </List>
        {answer.missing.length > 12 && (
          <Text size="sm">{t("deployments.andMore", { count: answer.missing.length - 12 })}</Text>
        )}
        <Button size="xs" variant="default" w="fit-content" onClick={() => setAdding(true)}>
          {t("attempt.add.button")}
        </Button>
      </Stack>
      <AddMissingDialog
        opened={adding}
        onClose={() => setAdding(false)}
        recordId={view.record.id}
        request={`${view.request.label} ${view.request.name}`}
        missing={answer.missing}
      />
    </Alert>
  );
}
