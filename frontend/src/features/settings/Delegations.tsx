import { Badge, Group, Stack, Table, Text } from "@mantine/core";
import { IconArrowNarrowRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { delegations, endDelegation } from "@/api/delegations";
import type { workspace } from "@/api/models";
import { DelegateDialog } from "@/components/DelegateDialog";
import { NotRead } from "@/components/NotRead";
import { SignDialog } from "@/components/SignDialog";
import { useAct } from "@/components/use-act";
import { useWhy } from "@/components/use-said";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { Section } from "./Section";

const colors: Record<string, string> = { running: "blue", coming: "yellow", over: "gray", ended: "gray" };

/** Who votes in whose place: to give, to end, and to look up later. */
export function Delegations() {
  const { t } = useTranslation();
  const why = useWhy();
  const all = useQuery(delegations);
  const [giving, give] = useState(false);
  const [ending, setEnding] = useState<workspace.DelegationView>();
  return (
    <Section title={t("delegation.title")} lead={t("delegation.lead")}>
      {all.isPending && <Waiting rows={2} />}
      {all.isError && <NotRead title={t("delegation.notRead")} query={all} />}
      {all.data && (
        <>
          <Group gap="sm">
            <WhyButton
              variant="default"
              allowed={all.data.canGive}
              why={why.say(all.data.why, all.data.whySaid)}
              onClick={() => give(true)}
            >
              {t("delegation.give")}
            </WhyButton>
            {!all.data.canGive && (
              <Text size="sm" c="dimmed">
                {why.say(all.data.why, all.data.whySaid)}
              </Text>
            )}
          </Group>
          {all.data.items.length === 0 ? (
            <Text size="sm">{t("delegation.none")}</Text>
          ) : (
            <Rows items={all.data.items} onEnd={setEnding} />
          )}
        </>
      )}
      <DelegateDialog opened={giving} onClose={() => give(false)} />
      {ending && <End one={ending} onClose={() => setEnding(undefined)} />}
    </Section>
  );
}

type RowsProps = { items: workspace.DelegationView[]; onEnd: (one: workspace.DelegationView) => void };

function Rows({ items, onEnd }: RowsProps) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={560} w="100%">
      <Table fz="sm" verticalSpacing={6} withTableBorder aria-label={t("delegation.title")}>
        <Table.Thead className="table-head">
          <Table.Tr>
            <Table.Th>{t("delegation.column.who")}</Table.Th>
            <Table.Th>{t("delegation.column.what")}</Table.Th>
            <Table.Th>{t("delegation.column.when")}</Table.Th>
            <Table.Th>{t("delegation.column.state")}</Table.Th>
            <Table.Th>
              <span className="unseen">{t("delegation.end")}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((one) => (
            <Table.Tr key={one.act}>
              <Table.Td>
                <Group gap={6} wrap="nowrap">
                  {one.by?.name}
                  <IconArrowNarrowRight size={16} aria-label={t("delegation.isGivenTo")} />
                  {one.to?.name}
                </Group>
                <Text size="xs" c="dimmed">
                  “{one.reason}”
                </Text>
              </Table.Td>
              <Table.Td>
                <What one={one} />
              </Table.Td>
              <Table.Td>
                <Stack gap={0}>
                  <When at={one.since} />
                  <span>
                    {t("delegation.untilShort")} <When at={one.until} />
                  </span>
                </Stack>
              </Table.Td>
              <Table.Td>
                <Badge color={colors[one.state]} variant="light" radius="sm" tt="none">
                  {t(`delegation.state.${one.state}`)}
                </Badge>
              </Table.Td>
              <Table.Td ta="right">
                {one.canEnd && (
                  <WhyButton
                    size="compact-sm"
                    variant="subtle"
                    allowed
                    why=""
                    onClick={() => onEnd(one)}
                    aria-label={t("delegation.endOf", { name: one.to?.name })}
                  >
                    {t("delegation.end")}
                  </WhyButton>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function What({ one }: { one: workspace.DelegationView }) {
  const { t } = useTranslation();
  if (one.subject)
    return (
      <Link
        to={one.linkTo === "record" ? "/deployments/$id" : "/change-requests/$id"}
        params={{ id: one.subject }}
      >
        {one.label || t("delegation.gone")}
      </Link>
    );
  const parts = [
    one.role ? t(`role.${one.role}`, { defaultValue: one.role }) : t("delegation.anyRole"),
    one.environment || t("delegation.everywhere"),
  ];
  return parts.join(", ");
}

function End({ one, onClose }: { one: workspace.DelegationView; onClose: () => void }) {
  const { t } = useTranslation();
  const end = useAct((reason: string) => endDelegation(one.act, reason), {
    key: ["end-delegation", one.act],
    onDone: onClose,
    done: () => t("delegation.ended"),
  });
  return (
    <SignDialog
      opened
      onClose={onClose}
      title={t("delegation.endOf", { name: one.to?.name })}
      subject={`${one.by?.name} → ${one.to?.name}`}
      needsReason
      button={t("delegation.end")}
      pending={end.isPending}
      onSign={({ reason }) => end.mutate(reason)}
    >
      <Text size="sm">{t("delegation.endMeans")}</Text>
    </SignDialog>
  );
}
