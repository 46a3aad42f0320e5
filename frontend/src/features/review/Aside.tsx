import { Accordion, Anchor, Box, Button, Group, Stack, Text, Timeline, Title } from "@mantine/core";
import { IconCheck, IconSignature } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { activity } from "@/api/change-requests";
import type { governance, workspace } from "@/api/models";
import { Checklist } from "@/components/Checklist";
import { SeatsPanel } from "@/components/SeatsPanel";
import { faultTitle } from "@/components/use-act";
import { useSaid } from "@/components/use-said";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import type { Kind } from "./entries";
import { KindIcon } from "./KindIcon";
import type { Subject } from "./subject";

type Props = {
  subject: Subject;
  kinds: [Kind, number][];
  total: number;
  onKind: (kind: Kind) => void;
  children?: ReactNode;
};

/** Beside the difference: all that a decision rests on. */
export function Aside({ subject, kinds, total, onKind, children }: Props) {
  const { t } = useTranslation();
  return (
    <Stack gap="lg">
      <Section title={t("review.summary")}>
        {total === 0 ? (
          <Text size="sm" c="dimmed">
            {t("review.noContent")}
          </Text>
        ) : (
          <Stack gap={4}>
            <Text size="sm">{t("review.inAll", { count: total })}</Text>
            {kinds.map(([kind, count]) => (
              <Group key={kind} gap={8} wrap="nowrap">
                <KindIcon kind={kind} silent />
                <Anchor component="button" type="button" size="sm" ta="left" onClick={() => onKind(kind)}>
                  {t(`review.count.${kind}`, { count })}
                </Anchor>
              </Group>
            ))}
          </Stack>
        )}
      </Section>
      {children}
      <Section title={t("review.seats")}>
        <SeatsPanel seats={subject.seats} />
      </Section>
      {subject.checks.length > 0 && (
        <Section title={t("review.checks")}>
          <Checks checks={subject.checks} />
        </Section>
      )}
      <Section title={t("review.history")}>
        <History subject={subject} />
      </Section>
    </Stack>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Box component="section">
      <Title order={3} fz={13} fw={620} mb={6}>
        {title}
      </Title>
      {children}
    </Box>
  );
}

/** What does not hold is in sight; what holds is one line that opens. */
function Checks({ checks }: { checks: governance.Check[] }) {
  const { t } = useTranslation();
  const holds = checks.filter((c) => c.ok);
  return (
    <>
      <Checklist checks={checks.filter((c) => !c.ok)} />
      {holds.length > 0 && (
        <Accordion
          variant="default"
          transitionDuration={0}
          styles={{ item: { border: "none" }, content: { padding: "4px 0" } }}
        >
          <Accordion.Item value="holds">
            <Accordion.Control p={0} icon={<IconCheck size={15} aria-hidden />}>
              <Text size="sm">{t("review.hold", { count: holds.length })}</Text>
            </Accordion.Control>
            <Accordion.Panel>
              <Checklist checks={holds} />
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      )}
    </>
  );
}

const newest = 6;

function History({ subject }: { subject: Subject }) {
  const { t } = useTranslation();
  const happened = useQuery(activity(subject.id));
  const [all, setAll] = useState(false);
  const say = useSaid("changeRequests");
  if (happened.isPending)
    return (
      <Text size="sm" c="dimmed">
        {t("common.loading")}
      </Text>
    );
  if (happened.isError)
    return (
      <Text size="sm" c="var(--mantine-color-red-light-color)">
        {faultTitle(t, happened.error)}{" "}
        <Anchor component="button" type="button" size="sm" onClick={() => happened.refetch()}>
          {t("fault.retry")}
        </Anchor>
      </Text>
    );
  const lines = happened.data ?? [];
  if (lines.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t("review.noHistory")}
      </Text>
    );
  const shown = all ? lines : lines.slice(0, newest);
  return (
    <>
      <Timeline bulletSize={16} lineWidth={2} color="gray">
        {shown.map((h) => (
          <Timeline.Item
            key={h.id}
            bullet={h.signed ? <IconSignature size={10} aria-label={t("review.signed")} /> : undefined}
          >
            <Text size="sm">{say(h.text, h.said)}</Text>
            {h.reason && (
              <Text size="sm" fs="italic" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                “{h.reason}”
              </Text>
            )}
            <When at={h.at} />
          </Timeline.Item>
        ))}
      </Timeline>
      {shown.length < lines.length && (
        <Button mt="xs" size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          {t("review.allHistory", { count: lines.length })}
        </Button>
      )}
    </>
  );
}

/** What happened since the round before: the rejection or recall that ended it, and what was edited after. */
function sinceLastRound(lines: workspace.Happening[], round: number) {
  if (round < 2) return undefined;
  const submits = lines.flatMap((h, i) => (/\.submit$/.test(h.code) ? [i] : []));
  const [last, before] = submits;
  if (last === undefined || before === undefined) return undefined;
  const between = lines.slice(last + 1, before);
  return { between, same: Boolean(lines[last]?.digest) && lines[last]?.digest === lines[before]?.digest };
}

/** The round before this one, if there was one. */
export function LastRound({ subject }: { subject: Subject }) {
  const { t } = useTranslation();
  const happened = useQuery(activity(subject.id));
  const say = useSaid("changeRequests");
  const since = sinceLastRound(happened.data ?? [], subject.round);
  if (!since) return null;
  return (
    <Section title={t("review.sinceRound", { round: subject.round - 1 })}>
      {since.same && <Text size="sm">{t("review.sameContent")}</Text>}
      {since.between.length === 0 && !since.same && <Text size="sm">{t("review.otherContent")}</Text>}
      <Stack gap={4}>
        {since.between.map((h) => (
          <Text key={h.id} size="sm" style={{ overflowWrap: "anywhere" }}>
            {say(h.text, h.said)}
            {h.reason && (
              <Text span size="sm" fs="italic" c="dimmed">
                {" "}
                “{h.reason}”
              </Text>
            )}
          </Text>
        ))}
      </Stack>
    </Section>
  );
}

/** A link to the record page, for what is done there and not here. */
export function ToPage({ subject, children, tab }: { subject: Subject; children: ReactNode; tab?: string }) {
  const search = tab ? { tab } : {};
  return (
    <Anchor
      size="sm"
      renderRoot={(props) =>
        subject.kind === "request" ? (
          <Link {...props} to="/change-requests/$id" params={{ id: subject.id }} search={search} />
        ) : (
          <Link {...props} to="/deployments/$id" params={{ id: subject.id }} search={search} />
        )
      }
    >
      {children}
    </Anchor>
  );
}
