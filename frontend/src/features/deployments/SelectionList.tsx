import { Button, Group, Stack, Text } from "@mantine/core";
import { IconSquare, IconSquareCheckFilled } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { requestContent } from "@/api/change-requests";
import { Fault } from "@/api/fault";
import type { governance, workspace } from "@/api/models";
import { ChangeBadge } from "@/components/ChangeBadge";
import { bare, keyOf } from "@/components/customization";
import { NotRead } from "@/components/NotRead";
import { useTellFault } from "@/components/use-act";
import { useQuestion } from "@/components/use-first";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { ContentFilter } from "./ContentFilter";
import { allOf } from "./selection";

type Props = {
  requestId: string;
  chosen: Map<string, governance.Customization>;
  onChange: (chosen: Map<string, governance.Customization>) => void;
};

const rowHeight = 34;

/** The customizations of a request, to be picked: Space or a click picks, with Shift all in between. */
export function SelectionList({ requestId, chosen, onChange }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [type, setType] = useState("");
  const asked = text.trim();
  const query = requestContent(requestId, { text: asked, type });
  const list = useInfiniteQuery({ ...query, placeholderData: keepPreviousData });
  const question = useQuestion(`${requestId} ${type} ${asked}`, list.isPlaceholderData);
  const client = useQueryClient();
  const tell = useTellFault();
  const anchor = useRef<{ index: number; question: string }>(undefined);
  const [reading, setReading] = useState(false);
  const newest = useRef(chosen);
  newest.current = chosen;
  if (list.isError) return <NotRead title={t("deployments.notRead")} query={list} />;
  if (list.isPending) return <Waiting rows={4} />;
  const { items, types, total } = list.data;
  const set = (wanted: workspace.ContentItem[], on: boolean) => {
    const next = new Map(newest.current);
    for (const item of wanted) {
      if (on) next.set(keyOf(item), bare(item));
      else next.delete(keyOf(item));
    }
    onChange(next);
  };
  const pick = (item: workspace.ContentItem, index: number, extend: boolean) => {
    const from = extend && anchor.current?.question === question ? anchor.current.index : index;
    anchor.current = { index, question };
    if (!extend) return set([item], !chosen.has(keyOf(item)));
    set(items.slice(Math.min(from, index), Math.max(from, index) + 1), true); // pages come in order: no holes
  };
  // All means all: what nobody scrolled to is read first.
  const all = async () => {
    if (items.length >= total) return set(items, true);
    setReading(true);
    try {
      set(await allOf(client, requestId, { text: asked, type }), true);
    } catch (thrown) {
      tell(Fault.from(thrown));
    } finally {
      setReading(false);
    }
  };
  return (
    <Stack gap="xs">
      <ContentFilter text={text} onText={setText} types={types} type={type} onType={setType}>
        <Button size="xs" variant="subtle" loading={reading} onClick={() => void all()}>
          {t("deployments.select.all", { count: total })}
        </Button>
        <Button size="xs" variant="subtle" disabled={chosen.size === 0} onClick={() => onChange(new Map())}>
          {t("deployments.select.none")}
        </Button>
        <Text size="sm" className="tabular" ml="auto" role="status">
          {t("deployments.select.count", { count: chosen.size })}
        </Text>
      </ContentFilter>
      {items.length === 0 ? (
        <Text size="sm" c="dimmed" py="md">
          {t("deployments.select.noHit")}
        </Text>
      ) : (
        <VirtualList
          items={items}
          keyOf={keyOf}
          rowHeight={rowHeight}
          height={Math.min(9, items.length) * rowHeight + 2}
          label={t("deployments.select.label")}
          picked={(item) => chosen.has(keyOf(item))}
          question={question}
          onPick={pick}
          onPickAll={() => void all()}
          onEnd={() => list.hasNextPage && !list.isFetchingNextPage && void list.fetchNextPage()}
          row={(item) => <Row item={item} picked={chosen.has(keyOf(item))} />}
        />
      )}
    </Stack>
  );
}

function Row({ item, picked }: { item: workspace.ContentItem; picked: boolean }) {
  const Icon = picked ? IconSquareCheckFilled : IconSquare;
  return (
    <Group gap="sm" px="sm" wrap="nowrap" h="100%">
      <Icon
        size={17}
        stroke={1.5}
        aria-hidden
        style={{
          flex: "none",
          color: picked ? "var(--mantine-primary-color-filled)" : "var(--mantine-color-dimmed)",
        }}
      />
      <Text size="sm" truncate="end" title={item.name} flex={1}>
        {item.name}
      </Text>
      <Text size="xs" c="dimmed" truncate="end" maw="40%">
        {item.type}
      </Text>
      <ChangeBadge size="sm" change={item.action} />
    </Group>
  );
}
