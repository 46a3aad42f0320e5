import { Anchor, Button, Group, Stack, Table, Text } from "@mantine/core";
import { IconArrowRight, IconRocket } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { governance, type workspace } from "@/api/models";
import { EmptyState } from "@/components/EmptyState";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { StatusBadge } from "@/components/StatusBadge";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

/** The Deployment Records of a request: from where to where, how each stands and how its last attempt went. */
export function DeploymentsTab({ view }: { view: workspace.RequestView }) {
  const { t } = useTranslation();
  const { records } = view;
  const approved = view.request.status === governance.Status.Approved;
  if (records.length === 0)
    return (
      <EmptyState
        icon={IconRocket}
        title={t("changeRequests.deployments.none")}
        text={t(approved ? "changeRequests.deployments.noneText" : "changeRequests.deployments.notYet")}
      />
    );
  return (
    <Stack gap="sm">
      <Table.ScrollContainer minWidth={620}>
        <Table withTableBorder fz="sm" verticalSpacing={8} highlightOnHover>
          <Table.Thead className="table-head">
            <Table.Tr>
              <Table.Th>{t("changeRequests.deployments.record")}</Table.Th>
              <Table.Th>{t("changeRequests.deployments.way")}</Table.Th>
              <Table.Th>{t("changeRequests.column.status")}</Table.Th>
              <Table.Th>{t("changeRequests.deployments.last")}</Table.Th>
              <Table.Th ta="right">{t("changeRequests.column.customizations")}</Table.Th>
              <Table.Th>{t("changeRequests.column.updatedAt")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {records.map((record) => (
              <Table.Tr key={record.id} className={record.production ? "production-edge" : undefined}>
                <Table.Td>
                  <Anchor
                    component={Link}
                    to="/deployments/$id"
                    params={{ id: record.id } as never}
                    size="sm"
                    fw={550}
                    className="tabular"
                    style={{ whiteSpace: "nowrap" }}
                  >
                    {record.label}
                  </Anchor>
                  {record.kind === governance.RecordKind.Rollback && (
                    <Text size="xs" c="dimmed">
                      {t("changeRequests.deployments.rollback")}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  <Group gap={6}>
                    <Text span size="sm">
                      {record.source}
                    </Text>
                    <IconArrowRight size={14} aria-label={t("changeRequests.deployments.to")} />
                    <EnvironmentBadge
                      id={record.targetId}
                      name={record.target}
                      production={record.production}
                      size="sm"
                    />
                  </Group>
                </Table.Td>
                <Table.Td>
                  <StatusBadge status={record.status} />
                </Table.Td>
                <Table.Td>
                  {record.lastLog ? (
                    <Anchor
                      component={Link}
                      to="/logs/$id"
                      params={{ id: record.lastLog } as never}
                      size="sm"
                    >
                      {record.word || t("changeRequests.deployments.log")}
                    </Anchor>
                  ) : (
                    record.word || "–"
                  )}
                </Table.Td>
                <Table.Td ta="right" className="tabular">
                  {record.count}
                </Table.Td>
                <Table.Td>
                  <When at={record.updatedAt} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {approved && (
        <Group>
          <Button
            component={Link}
            to="/deployments/new"
            search={{ request: view.request.id } as never}
            variant="default"
            size="xs"
            leftSection={<IconRocket size={15} aria-hidden />}
          >
            {t("changeRequests.deployments.new")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
