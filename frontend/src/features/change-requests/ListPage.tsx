import { Button, Center, Paper, Table, Text } from "@mantine/core";
import { IconFileCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { changeRequests } from "@/api/change-requests";
import type { governance } from "@/api/models";
import { EmptyState } from "@/components/EmptyState";
import { FaultAlert } from "@/components/FaultAlert";
import { PageHeader } from "@/components/PageHeader";
import { RecordNumber } from "@/components/RecordNumber";
import { StatusBadge } from "@/components/StatusBadge";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";

/** Every Change Request of the workspace and where its approval stands. */
export function ListPage() {
  const { t } = useTranslation();
  const list = useInfiniteQuery(changeRequests);
  const count = list.data?.total ?? 0;

  return (
    <>
      <PageHeader
        title={t("changeRequests.title")}
        lead={t("changeRequests.lead")}
        aside={
          count > 0 && (
            <Text size="sm" c="dimmed" className="tabular">
              {t("changeRequests.count", { count })}
            </Text>
          )
        }
      />
      {list.isError && (
        <FaultAlert
          title={t("changeRequests.failed")}
          fault={list.error}
          onRetry={() => list.refetch()}
          retrying={list.isFetching}
        />
      )}
      {!list.isError && (
        <Paper withBorder radius="md" className="clip">
          {list.isPending && (
            <Waiting
              label={t("changeRequests.loading")}
              labelFor={(seconds) => t("changeRequests.loadingFor", { seconds })}
            />
          )}
          {list.isSuccess && count === 0 && (
            <EmptyState
              icon={IconFileCheck}
              title={t("changeRequests.empty.title")}
              text={t("changeRequests.empty.text")}
            />
          )}
          {list.isSuccess && count > 0 && <RequestTable requests={list.data.items} />}
          {list.hasNextPage && (
            <Center p="sm">
              <Button variant="subtle" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
                {t("changeRequests.more", { shown: list.data?.items.length, count })}
              </Button>
            </Center>
          )}
        </Paper>
      )}
    </>
  );
}

function RequestTable({ requests }: { requests: governance.ChangeRequest[] }) {
  const { t } = useTranslation();
  return (
    <Table
      layout="fixed"
      verticalSpacing={10}
      horizontalSpacing="md"
      fz="md"
      highlightOnHover
      aria-label={t("changeRequests.title")}
    >
      <Table.Thead className="table-head">
        <Table.Tr>
          <Table.Th w={110}>{t("changeRequests.column.number")}</Table.Th>
          <Table.Th>{t("changeRequests.column.name")}</Table.Th>
          <Table.Th w={130}>{t("changeRequests.column.type")}</Table.Th>
          <Table.Th w={180}>{t("changeRequests.column.status")}</Table.Th>
          <Table.Th w={150}>{t("changeRequests.column.updated")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {requests.map((request) => (
          <RequestRow key={request.id} request={request} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function RequestRow({ request }: { request: governance.ChangeRequest }) {
  const { t } = useTranslation();
  return (
    <Table.Tr>
      <Table.Td>
        <RecordNumber prefix="CR" number={request.number} />
      </Table.Td>
      <Table.Th scope="row">
        <Text
          span
          truncate="end"
          display="block"
          title={request.name}
          c={request.name ? undefined : "dimmed"}
        >
          {request.name || t("changeRequests.untitled")}
        </Text>
      </Table.Th>
      <Table.Td>{request.type}</Table.Td>
      <Table.Td>
        <StatusBadge status={request.status} />
      </Table.Td>
      <Table.Td>
        <When at={request.updatedAt} />
      </Table.Td>
    </Table.Tr>
  );
}
