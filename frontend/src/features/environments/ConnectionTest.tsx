import { Alert, Stack, Table, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { testConnection } from "@/api/environments";
import type { Fault } from "@/api/fault";
import type { workspace } from "@/api/models";
import { FaultAlert } from "@/components/FaultAlert";
import { useAct } from "@/components/use-act";
import { useNumber } from "@/components/use-number";
import { useSaid } from "@/components/use-said";
import { useTranslation } from "@/i18n/use-translation";

export type ConnectionState = {
  test: () => void;
  testing: boolean;
  answer?: workspace.Connection;
  fault: Fault | null;
};

/** Test Connection, and what it said last on this page. */
export function useConnection(environment: string): ConnectionState {
  const act = useAct(() => testConnection(environment), {
    key: ["test-connection", environment],
    shows: () => true,
  });
  const known = act.error?.code === "declined" ? null : act.error;
  return { test: () => act.mutate(), testing: act.isPending, answer: act.data, fault: known };
}

type AnswerProps = { connection: ConnectionState; whole?: boolean; title?: string };

/** What Test Connection said: one sentence, or what is wrong and how it is mended. */
export function ConnectionAnswer({ connection, whole, title }: AnswerProps) {
  const { t } = useTranslation();
  const say = useSaid("environments");
  const { answer, fault, test, testing } = connection;
  if (fault)
    return (
      <FaultAlert
        title={title ?? t("environments.notConnected")}
        fault={fault}
        onRetry={test}
        retrying={testing}
      />
    );
  if (!answer) return null;
  return (
    <Alert color="green" variant="light" icon={<IconCircleCheck aria-hidden />} role="status" p="sm" my="xs">
      <Stack gap="xs">
        <Text size="sm" fw={550}>
          {say(answer.sentence, answer.said)}
        </Text>
        {answer.changed && <Text size="sm">{t("environments.learned")}</Text>}
        {whole && <Identity answer={answer} />}
      </Stack>
    </Alert>
  );
}

/** Which org and user a connection led to; to be recognized: nothing of limits, and what the org says that it is. */
export function Identity({
  answer: { identity },
  recognize,
}: {
  answer: workspace.Connection;
  recognize?: boolean;
}) {
  const { t } = useTranslation();
  const number = useNumber();
  const limit = identity.dailyApiRequests;
  const whole: [string, string][] = [
    [t("environments.identity.user"), `${identity.userName} (${identity.username})`],
    [t("environments.identity.org"), `${identity.organizationName} · ${identity.organizationId}`],
    [
      t("environments.identity.type"),
      [identity.organizationType, recognize && t(`environments.kind.${identity.kind}`)]
        .filter(Boolean)
        .join(" · "),
    ],
    [
      t("environments.identity.instance"),
      [identity.instance, identity.instanceUrl].filter(Boolean).join(" · "),
    ],
    [t("environments.identity.api"), identity.apiVersion],
    [t("environments.identity.namespace"), identity.namespace],
    [
      t("environments.identity.requests"),
      limit ? t("environments.identity.left", { left: number(limit.remaining), max: number(limit.max) }) : "",
    ],
  ];
  const rows = recognize ? whole.slice(0, 4) : whole;
  return (
    <Table variant="vertical" verticalSpacing={4} fz="sm" layout="auto">
      <Table.Tbody>
        {rows
          .filter(([, value]) => value !== "")
          .map(([label, value]) => (
            <Table.Tr key={label}>
              <Table.Th bg="transparent" fw={500}>
                {label}
              </Table.Th>
              <Table.Td className="tabular" style={{ overflowWrap: "anywhere" }}>
                {value}
              </Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}
