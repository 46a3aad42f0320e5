import { Badge, Box, Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { IconAffiliate, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode, useState } from "react";
import { addCustomizations, requestImpact } from "@/api/change-requests";
import type { workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { keyOf } from "@/components/customization";
import { EmptyState } from "@/components/EmptyState";
import { NotRead } from "@/components/NotRead";
import { StatusBadge } from "@/components/StatusBadge";
import { useAct } from "@/components/use-act";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { useAnswer } from "./Files";

/** What a request touches: how strict its categories are, who else works on the same, and what is missing. */
export function ImpactTab({ view, editable }: { view: workspace.RequestView; editable: boolean }) {
  const { t } = useTranslation();
  const impact = useQuery(requestImpact(view.request.id));
  if (impact.error) return <NotRead title={t("changeRequests.impact.notRead")} query={impact} />;
  if (impact.isPending) return <Waiting />;
  const { levels } = impact.data;
  if (levels.length === 0)
    return (
      <EmptyState
        icon={IconAffiliate}
        title={t("changeRequests.impact.none")}
        text={t("changeRequests.impact.noneText")}
      />
    );
  return (
    <Stack gap="xl">
      <Levels levels={levels} />
      <Others others={impact.data.others} />
      <Missing view={view} impact={impact.data} editable={editable} />
    </Stack>
  );
}

function Levels({ levels }: { levels: workspace.LevelImpact[] }) {
  const { t } = useTranslation();
  const strictest = levels[0]?.level;
  return (
    <Part title={t("changeRequests.impact.levels")} text={t("changeRequests.impact.levelsText")}>
      <Table withTableBorder fz="sm" verticalSpacing={6}>
        <Table.Thead className="table-head">
          <Table.Tr>
            <Table.Th>{t("changeRequests.impact.category")}</Table.Th>
            <Table.Th>{t("changeRequests.impact.level")}</Table.Th>
            <Table.Th ta="right">{t("changeRequests.impact.count")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {levels.map((one) => (
            <Table.Tr key={one.category}>
              <Table.Td>{t(`category.${one.category}`, { defaultValue: one.category })}</Table.Td>
              <Table.Td>
                <Group gap="xs">
                  {t(`level.${one.level}`, { defaultValue: one.level })}
                  {one.level === strictest && (
                    <Badge variant="light" color="yellow" radius="sm" tt="none" fw={500}>
                      {t("changeRequests.impact.decides")}
                    </Badge>
                  )}
                </Group>
              </Table.Td>
              <Table.Td ta="right" className="tabular">
                {one.count}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Part>
  );
}

const atOnce = 20;

/** The others; a long list is shown by and by. */
function Others({ others }: { others: workspace.Overlap[] }) {
  const { t } = useTranslation();
  const [most, setMost] = useState(atOnce);
  const hidden = others.length - most;
  return (
    <Part
      title={t("changeRequests.impact.others")}
      text={t(others.length ? "changeRequests.impact.othersText" : "changeRequests.impact.othersNone")}
    >
      {others.length > 0 && (
        <div className="rows">
          {others.slice(0, most).map((other) => (
            <Other key={other.request.id} other={other} />
          ))}
          {hidden > 0 && (
            <Box px="sm" py={8}>
              <Button size="compact-sm" variant="default" onClick={() => setMost(most + 2 * atOnce)}>
                {t("changeRequests.impact.show", { count: Math.min(hidden, 2 * atOnce) })}
              </Button>
            </Box>
          )}
        </div>
      )}
    </Part>
  );
}

/** One of the others. Plain elements: see LookBadge. */
const Other = memo(function Other({ other: { request, shared, count } }: { other: workspace.Overlap }) {
  const { t } = useTranslation();
  return (
    <div className="other">
      <div className="other-head">
        <Link className="other-name mantine-focus-auto" to="/change-requests/$id" params={{ id: request.id }}>
          {request.label} {request.name}
        </Link>
        <StatusBadge status={request.status} />
        <span className="small dim">{request.authors.map((person) => person.name).join(", ")}</span>
      </div>
      <div className="other-shared small dim">
        {shared.map((c) => `${c.type} ${c.name}`).join(", ")}
        {count > shared.length && ` ${t("changeRequests.impact.more", { count: count - shared.length })}`}
      </div>
    </div>
  );
});

type MissingProps = { view: workspace.RequestView; impact: workspace.Impact; editable: boolean };

function Missing({ view, impact, editable }: MissingProps) {
  const { t } = useTranslation();
  const onDone = useAnswer();
  const { missing, checkedAt, checkedOn } = impact;
  const add = useAct(() => addCustomizations(view.request.id, missing), {
    onDone,
    done: () => t("changeRequests.picker.added", { count: missing.length }),
  });
  const checked = isKnown(checkedAt);
  return (
    <Part
      title={t("changeRequests.impact.missing")}
      text={
        checked ? (
          <>
            {t(missing.length ? "changeRequests.impact.missingText" : "changeRequests.impact.missingNone", {
              record: checkedOn,
            })}{" "}
            <When at={checkedAt} />
          </>
        ) : (
          t("changeRequests.impact.unchecked")
        )
      }
    >
      {missing.length > 0 && (
        <>
          <div className="rows">
            {missing.map((c) => (
              <Group key={keyOf(c)} px="sm" py={6} gap="sm">
                <Text size="sm" fw={550}>
                  {c.name}
                </Text>
                <Text size="xs" c="dimmed">
                  {c.type}
                </Text>
              </Group>
            ))}
          </div>
          <Group mt="xs" gap="sm">
            <WhyButton
              size="xs"
              variant="default"
              leftSection={<IconPlus size={15} aria-hidden />}
              allowed={editable}
              why={t("changeRequests.impact.locked")}
              said="impact-locked"
              loading={add.isPending}
              onClick={() => add.mutate()}
            >
              {t("changeRequests.impact.add", { count: missing.length })}
            </WhyButton>
            {!editable && (
              <Text id="impact-locked" size="xs" c="dimmed">
                {t("changeRequests.impact.locked")}
              </Text>
            )}
          </Group>
        </>
      )}
    </Part>
  );
}

function Part({ title, text, children }: { title: string; text: ReactNode; children: ReactNode }) {
  return (
    <Box component="section" aria-label={title}>
      <Title order={2} fz="sm" fw={600}>
        {title}
      </Title>
      <Text size="sm" c="dimmed" mb="xs" component="p" m={0}>
        {text}
      </Text>
      {children}
    </Box>
  );
}
