import { Badge, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch, IconSquare, IconSquareCheckFilled } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { requestContent } from "@/api/change-requests";
import { Fault } from "@/api/fault";
import type { governance, workspace } from "@/api/models";
import { FaultAlert } from "@/components/FaultAlert";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { bare, keyOf } from "./options";

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
  const [type, setType] = useState<string | null>(null);
  const [asked] = useDebouncedValue(text.trim(), 150);
  const list = useInfiniteQuery({
    ...requestContent(requestId, { text: asked, type: type ?? "" }),
    placeholderData: keepPreviousData,
  });
  if (list.isError)
    return (
      <FaultAlert
        title={t("deployments.notRead")}
        fault={Fault.from(list.error)}
        onRetry={() => list.refetch()}
        retrying={list.isFetching}
      />
    );
  if (list.isPending)
    return (
      <Waiting
        rows={4}
        label={t("common.loading")}
        labelFor={(seconds) => t("common.loadingFor", { seconds })}
      />
    );
  const { items, types } = list.data;
  const set = (wanted: workspace.ContentItem[], on: boolean) => {
    const next = new Map(chosen);
    for (const item of wanted) {
      if (on) next.set(keyOf(item), bare(item));
      else next.delete(keyOf(item));
    }
    onChange(next);
  };
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <TextInput
          size="xs"
          w={220}
          aria-label={t("deployments.select.search")}
          placeholder={t("deployments.select.search")}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
        />
        <Select
          size="xs"
          w={200}
          clearable
          aria-label={t("deployments.select.type")}
          placeholder={t("deployments.select.type")}
          data={types.map((c) => ({ value: c.type, label: `${c.type} (${c.count})` }))}
          value={type}
          onChange={setType}
        />
        <Button size="xs" variant="subtle" onClick={() => set(items, true)}>
          {t("deployments.select.all", { count: items.length })}
        </Button>
        <Button size="xs" variant="subtle" disabled={chosen.size === 0} onClick={() => onChange(new Map())}>
          {t("deployments.select.none")}
        </Button>
        <Text size="sm" className="tabular" ml="auto" role="status">
          {t("deployments.select.count", { count: chosen.size })}
        </Text>
      </Group>
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
          onPick={(item, _, extend) => set([item], extend || !chosen.has(keyOf(item)))}
          onPickAll={() => set(items, true)}
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
      <ActionBadge action={item.action} />
    </Group>
  );
}

/** What happens to a customization in the target. */
export function ActionBadge({ action }: { action: governance.Change }) {
  const { t } = useTranslation();
  const color = { add: "green", change: "blue", delete: "red" }[action] ?? "gray";
  return (
    <Badge size="sm" variant="light" color={color} tt="none" fw={500} radius="sm" style={{ flex: "none" }}>
      {t(`change.${action}`, { defaultValue: action })}
    </Badge>
  );
}
