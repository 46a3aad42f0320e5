import { Box, Button, Checkbox, Group, Text } from "@mantine/core";
import { IconCheck, IconCircleDashed, IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { requestsAt } from "@/api/change-requests";
import { sentRequests } from "@/api/exchange";
import type { store, workspace } from "@/api/models";
import { type Look, LookBadge } from "@/components/LookBadge";
import { NotRead } from "@/components/NotRead";
import { SearchField } from "@/components/SearchField";
import { StatusBadge } from "@/components/StatusBadge";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

type Props = { chosen: string[]; onChange: (ids: string[]) => void };

/** The requests that go into a bundle, with which of them changed since they were sent last. */
export function RequestChoice({ chosen, onChange }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const list = useQuery(requestsAt({ view: "", text, status: [], sort: "-updatedAt" }, 0));
  const sent = useQuery(sentRequests);
  const rows = list.data?.items ?? [];
  const changed = (sent.data ?? []).filter((each) => each.changed).map((each) => each.id);
  const toggle = (id: string, on: boolean) =>
    onChange(on ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <Box maw={900}>
      <Group gap="xs" mb="xs">
        <SearchField
          aria-label={t("exchange.choose.search")}
          text={text}
          onText={setText}
          flex="1 1 220px"
          maw={360}
        />
        <Text size="sm" c="dimmed" role="status" className="tabular">
          {t("exchange.choose.chosen", { count: chosen.length })}
        </Text>
        {changed.length > 0 && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => onChange([...new Set([...chosen, ...changed])])}
          >
            {t("exchange.choose.changed", { count: changed.length })}
          </Button>
        )}
        {chosen.length > 0 && (
          <Button size="compact-sm" variant="subtle" onClick={() => onChange([])}>
            {t("exchange.choose.none")}
          </Button>
        )}
      </Group>
      {list.isError && <NotRead title={t("changeRequests.notListed")} query={list} />}
      {sent.isError && <NotRead title={t("exchange.choose.notRead")} query={sent} />}
      {list.isPending && <Waiting rows={4} />}
      {list.data && rows.length === 0 && (
        <Text size="sm" c="dimmed" py="md">
          {t(text ? "exchange.choose.notFound" : "exchange.choose.nothing")}
        </Text>
      )}
      {rows.length > 0 && (
        <Box className="choice-list" role="group" aria-label={t("exchange.send.requests")}>
          {rows.map((row) => (
            <Choice
              key={row.id}
              row={row}
              sent={sent.data?.find((each) => each.id === row.id)}
              known={sent.data !== undefined}
              checked={chosen.includes(row.id)}
              onChange={(on) => toggle(row.id, on)}
            />
          ))}
        </Box>
      )}
      {list.data && list.data.total > rows.length && (
        <Text size="xs" c="dimmed" mt={4}>
          {t("exchange.choose.more", { count: list.data.total - rows.length })}
        </Text>
      )}
    </Box>
  );
}

const looks: Record<string, Look> = {
  changed: { color: "yellow", icon: IconPencil },
  same: { color: "green", icon: IconCheck },
  never: { color: "gray", icon: IconCircleDashed },
};

type ChoiceProps = {
  row: workspace.RequestRow;
  sent?: store.SentRequest;
  known: boolean;
  checked: boolean;
  onChange: (on: boolean) => void;
};

function Choice({ row, sent, known, checked, onChange }: ChoiceProps) {
  const { t } = useTranslation();
  const word = sent ? (sent.changed ? "changed" : "same") : "never";
  return (
    <div className="choice-row">
      <Checkbox
        checked={checked}
        onChange={(e) => onChange(e.currentTarget.checked)}
        flex="1 1 12rem"
        styles={{ body: { alignItems: "center" }, labelWrapper: { minWidth: 0 } }}
        label={
          <span className="pair">
            <span className="dim tabular choice-label">{row.label}</span>
            <span className="strong" style={{ overflowWrap: "anywhere" }}>
              {row.name || t("changeRequests.noName")}
            </span>
          </span>
        }
      />
      <span className="request-status">
        <StatusBadge status={row.status} />
      </span>
      {known && (
        <span className="choice-sent">
          <LookBadge look={looks[word] as Look}>{t(`exchange.choose.${word}`)}</LookBadge>
          {sent && (
            <span className="small dim">
              <When at={sent.at} />
            </span>
          )}
        </span>
      )}
    </div>
  );
}
