import { Alert, Anchor, Chip, Group, List, Stack, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { comparison } from "@/api/deployment-records";
import { scan } from "@/api/models";
import { isKnown } from "@/api/times";
import { keyOf } from "@/components/customization";
import { NotRead } from "@/components/NotRead";
import { useWhy } from "@/components/use-said";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { WorkProgress } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";
import { Changes } from "./Changes";
import { StateBadge } from "./StateBadge";
import type { StepProps } from "./Steps";

const { State } = scan;

/** The order in which a person wants to look. */
const states = [State.MissingInSource, State.Delete, State.Changed, State.New, State.Same];

const columns = {
  display: "grid",
  gridTemplateColumns: "118px minmax(0, 2fr) minmax(0, 1fr) minmax(0, 1.3fr) minmax(0, 1.3fr)",
  columnGap: 12,
  alignItems: "center",
  padding: "0 12px",
} as const;

const rowHeight = 34;

/** What Run Scan found: what the source would change in the target, item by item. */
export function ScanDetail({ acts, work }: StepProps) {
  const { t } = useTranslation();
  const { record } = acts.view;
  if (work) return <WorkProgress work={work} />;
  if (!isKnown(record.scannedAt))
    return (
      <Text size="sm" c="dimmed">
        {t("deployments.stepWhat.scan")}
      </Text>
    );
  return <Compared acts={acts} />;
}

function Compared({ acts }: Pick<StepProps, "acts">) {
  const { t } = useTranslation();
  const why = useWhy();
  const { record, target } = acts.view;
  // A comparison is of one scanned content, so it is asked again only after another scan.
  const found = useQuery({
    ...comparison(record.id),
    queryKey: ["comparison", record.id, record.scannedAt, record.package],
  });
  const [state, setState] = useState<string>("");
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<scan.Item>();
  const items = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return (found.data?.items ?? []).filter(
      (i) =>
        (state === "" || i.state === state) &&
        words.every((word) => `${i.type} ${i.name}`.toLowerCase().includes(word)),
    );
  }, [found.data, state, text]);
  if (found.isError) return <NotRead title={t("deployments.notCompared")} query={found} />;
  if (found.isPending) return <Waiting rows={3} />;
  const { data } = found;
  const shown = chosen && items.includes(chosen) ? chosen : items[0];
  const count: Record<scan.State, number> = {
    [State.New]: data.new,
    [State.Changed]: data.changed,
    [State.Same]: data.same,
    [State.MissingInSource]: data.missingInSource,
    [State.Delete]: data.deleted,
  };
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Chip.Group value={state} onChange={(v) => setState(String(v))}>
          <Group gap={6} role="radiogroup" aria-label={t("deployments.filterState")}>
            <Chip size="xs" variant="outline" value="">
              {t("common.all")} {data.new + data.changed + data.same + data.missingInSource + data.deleted}
            </Chip>
            {states
              .filter((s) => count[s] > 0)
              .map((s) => (
                <Chip key={s} size="xs" variant="outline" value={s}>
                  {t(`deployments.scanState.${s}`)} {count[s]}
                </Chip>
              ))}
          </Group>
        </Chip.Group>
        {data.items.length > 12 && (
          <TextInput
            size="xs"
            w={200}
            aria-label={t("common.search")}
            placeholder={t("common.search")}
            leftSection={<IconSearch size={14} aria-hidden />}
            value={text}
            onChange={(e) => setText(e.currentTarget.value)}
          />
        )}
        <Anchor
          size="sm"
          ml="auto"
          renderRoot={(props) => <Link to="/deployments/$id/review" params={{ id: record.id }} {...props} />}
        >
          {t("deployments.openReview")}
        </Anchor>
      </Group>
      {data.missingInSource > 0 && (
        <Alert color="yellow" variant="light" p="xs">
          {t("deployments.missingInSource", { count: data.missingInSource })}
        </Alert>
      )}
      {data.notes.length > 0 && (
        <List size="sm">
          {data.notes.map((note, i) => (
            <List.Item key={note}>{why.say(note, data.notesSaid?.[i])}</List.Item>
          ))}
        </List>
      )}
      {items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("deployments.noHit")}
        </Text>
      ) : (
        <VirtualList
          items={items}
          keyOf={keyOf}
          rowHeight={rowHeight}
          height={Math.min(10, items.length) * rowHeight + 2}
          label={t("deployments.compared")}
          onOpen={setChosen}
          head={
            <div className="table-head" style={{ ...columns, minHeight: 28 }}>
              {["state", "name", "type", "inSource", "inTarget"].map((word) => (
                <Text key={word} fz={12} fw={550} c="dimmed" truncate="end">
                  {t(`deployments.column.${word}`)}
                </Text>
              ))}
            </div>
          }
          row={(i) => (
            <div style={{ ...columns, height: "100%" }}>
              <StateBadge state={i.state} />
              <Text size="sm" fw={550} truncate="end" title={i.name}>
                {i.name}
              </Text>
              <Text size="xs" c="dimmed" truncate="end">
                {i.type}
              </Text>
              <Last by={i.sourceBy} at={i.sourceAt} />
              <Last by={i.targetBy} at={i.targetAt} />
            </div>
          )}
        />
      )}
      {shown && (
        <Changes key={keyOf(shown)} item={shown} recordId={record.id} target={target.environment.name} />
      )}
      <Text size="xs" c="dimmed">
        {t("deployments.readSource")} <When at={data.sourceAt} /> · {t("deployments.readTarget")}{" "}
        <When at={data.targetAt} /> · API {data.apiVersion}
      </Text>
    </Stack>
  );
}

function Last({ by, at }: { by: string; at: string }) {
  if (!by && !isKnown(at)) return <Text size="xs">–</Text>;
  return (
    <Group gap={4} wrap="nowrap" miw={0}>
      <Text size="xs" truncate="end" title={by}>
        {by}
      </Text>
      {isKnown(at) && (
        <span style={{ flex: "none", whiteSpace: "nowrap" }}>
          <When at={at} />
        </span>
      )}
    </Group>
  );
}
