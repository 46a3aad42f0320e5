import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconFileCheck, IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { requestList } from "@/api/change-requests";
import { governance, type workspace } from "@/api/models";
import { EmptyState } from "@/components/EmptyState";
import { NotRead } from "@/components/NotRead";
import { PageHeader } from "@/components/PageHeader";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

/** The first choice of a new Deployment Record: which approved Change Request it deploys. */
export function ApprovedRequests() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), 150);
  const list = useInfiniteQuery({
    ...requestList({ view: "", text: asked, status: [governance.Status.Approved], sort: "-updatedAt" }),
    placeholderData: keepPreviousData,
  });
  return (
    <Stack
      gap={0}
      p="lg"
      pb={0}
      h="calc(100dvh - var(--app-shell-header-height, 0px) - var(--app-shell-footer-height, 0px))"
    >
      <PageHeader title={t("deployments.newTitle")} lead={t("deployments.chooseRequest")} />
      <TextInput
        w={280}
        size="xs"
        mb="sm"
        data-autofocus
        aria-label={t("deployments.searchRequests")}
        placeholder={t("deployments.searchRequests")}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
      />
      {list.isError ? (
        <NotRead title={t("deployments.notRead")} query={list} />
      ) : list.isPending ? (
        <Waiting />
      ) : list.data.items.length === 0 ? (
        <Stack align="center" gap={0}>
          <EmptyState
            icon={IconFileCheck}
            title={t(asked ? "deployments.noHit" : "deployments.noApproved")}
            text={t(asked ? "deployments.noHitText" : "deployments.noApprovedText")}
          />
          <Button variant="default" component={Link} to="/change-requests">
            {t("deployments.toRequests")}
          </Button>
        </Stack>
      ) : (
        <VirtualList
          items={list.data.items}
          keyOf={(row) => row.id}
          rowHeight={48}
          label={t("deployments.approvedRequests")}
          onOpen={(row) => void navigate({ to: "/deployments/new", search: { request: row.id } })}
          onEnd={() => list.hasNextPage && !list.isFetchingNextPage && void list.fetchNextPage()}
          row={(row) => <Row row={row} />}
        />
      )}
    </Stack>
  );
}

function Row({ row }: { row: workspace.RequestRow }) {
  const { t } = useTranslation();
  return (
    <div
      style={{
        display: "grid",
        gridTemplateColumns: "76px minmax(0, 1fr) 120px minmax(0, 220px) 110px",
        columnGap: 12,
        alignItems: "center",
        height: "100%",
        padding: "0 16px",
      }}
    >
      <Text size="sm" c="dimmed" fw={500} className="tabular">
        {row.label}
      </Text>
      <Text size="sm" fw={550} truncate="end" title={row.name}>
        {row.name || t("deployments.noName")}
      </Text>
      <Text size="sm" className="tabular">
        {t("deployments.customizations", { count: row.customizations })}
      </Text>
      <Text size="xs" c="dimmed" truncate="end">
        {row.deployed.length > 0
          ? t("deployments.alreadyIn", { names: row.deployed.map((p) => p.name).join(", ") })
          : t("deployments.nowhereYet")}
      </Text>
      <When at={row.updatedAt} />
    </div>
  );
}
