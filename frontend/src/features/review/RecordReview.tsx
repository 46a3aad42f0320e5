import { Alert, Anchor, Box, Group, List, Stack, Table, Text, ThemeIcon, Title } from "@mantine/core";
import { IconCheck, IconCircleDashed, IconPlayerPlay, IconX, type TablerIcon } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { type Compared, comparison, dependencies, record, recordContent } from "@/api/deployment-records";
import { workspace } from "@/api/models";
import { NotRead, PageNotRead } from "@/components/NotRead";
import { Person } from "@/components/Person";
import { faultTitle } from "@/components/use-act";
import { useSaid, useWhy } from "@/components/use-said";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import { LastRound, Section, ToPage } from "./Aside";
import { countKinds, type Entry, named, scanned } from "./entries";
import { NamedPane } from "./NamedPane";
import { Missing } from "./RequestReview";
import { Review } from "./Review";
import { overwrites, ScannedPane } from "./ScannedPane";
import { ofRecord, type Subject } from "./subject";

const none: Entry[] = [];

/** The review of a Deployment Record: the difference between target and source, as the last scan found it. */
export function RecordReview({ id }: { id: string }) {
  const { t } = useTranslation();
  const view = useQuery(record(id));
  const compared = useQuery(comparison(id));
  // Without a scan there is no difference, but what would be deployed can be named.
  const content = useInfiniteQuery({
    ...recordContent(id, { text: "", type: "" }),
    enabled: compared.isError,
  });
  const needs = useQuery(dependencies(id));
  const { hasNextPage, isFetching, isError, fetchNextPage } = content;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  const items = compared.data?.items;
  const names = content.data?.items;
  const entries = useMemo(() => (items ? scanned(items) : names ? named(names) : none), [items, names]);

  if (view.isError && !view.data) return <PageNotRead title={t("review.notRead")} query={view} />;
  if (!view.data || compared.isPending)
    return (
      <Waiting
        label={t("review.readingRecord")}
        labelFor={(seconds) => t("review.readingFor", { seconds })}
      />
    );

  const subject = ofRecord(view.data);
  const answer = needs.data?.known ? needs.data : undefined;
  const missing = answer?.answer.missing ?? [];
  const older = (items ?? []).filter(overwrites).length;
  const lost = countKinds(entries).find(([kind]) => kind === "missing")?.[1] ?? 0;
  const warnings = [
    ...(missing.length > 0 ? [t("review.missing", { count: missing.length })] : []),
    ...(older > 0 ? [t("review.overwrites", { count: older, target: subject.target?.name })] : []),
    ...(lost > 0 ? [t("review.lost", { count: lost })] : []),
    ...(compared.isError ? [t("review.unscannedShort")] : []),
  ];
  return (
    <Review
      subject={subject}
      entries={entries}
      complete={compared.isSuccess || (content.isSuccess && !hasNextPage)}
      warnings={warnings}
      source={{ id: view.data.source.environment.id, name: view.data.source.environment.name }}
      overview={<Overview view={view.data} compared={compared.data} older={older} />}
      pane={(entry) =>
        entry.item ? (
          <ScannedPane entry={entry} item={entry.item} view={view.data} />
        ) : (
          entry.content && <NamedPane entry={entry} content={entry.content} records={[]} others={[]} />
        )
      }
      notice={
        view.isError ? (
          <NotRead title={t("review.notRead")} query={view} />
        ) : (
          compared.isError &&
          (compared.error.code === "not_scanned" ? (
            <Alert color="yellow" variant="light" p="xs" title={t("review.unscanned")}>
              {t("review.unscannedText")}{" "}
              <ToPage subject={subject}>{t("review.runScan", { label: subject.label })}</ToPage>
            </Alert>
          ) : (
            <NotRead title={t("review.notCompared")} query={compared} />
          ))
        )
      }
      aside={
        <>
          <LastRound subject={subject} />
          <Section title={t("review.dependencies")}>
            <Dependencies needs={needs.data} failed={needs.error ? faultTitle(t, needs.error) : undefined} />
          </Section>
          <Section title={t("review.proved")}>
            <Proofs steps={view.data.steps ?? []} compared={compared.data} view={view.data} />
          </Section>
        </>
      }
    />
  );
}

function Dependencies({ needs, failed }: { needs?: workspace.DependencyAnswer; failed?: string }) {
  const { t } = useTranslation();
  const why = useWhy();
  if (failed)
    return (
      <Text size="sm" c="dimmed">
        {failed}
      </Text>
    );
  if (!needs?.known)
    return (
      <Text size="sm" c="dimmed">
        {t(needs ? "review.notChecked" : "common.loading")}
      </Text>
    );
  const all = needs.counts.reduce((n, c) => n + c.count, 0);
  const { missing, truncated, notCovered, notes } = needs.answer;
  return (
    <Stack gap={4}>
      <Text size="sm">
        {t("review.references", { count: all })}{" "}
        {needs.counts
          .filter((c) => c.count > 0)
          .map((c) => t(`review.in.${c.in}`, { count: c.count }))
          .join(", ")}
        {all > 0 && "."}
      </Text>
      {missing.length > 0 ? (
        <Missing missing={missing} />
      ) : (
        <Group gap={6}>
          <ThemeIcon size={16} radius="xl" variant="light" color="green">
            <IconCheck size={11} aria-hidden />
          </ThemeIcon>
          <Text size="sm">{t("review.noneMissingHere")}</Text>
        </Group>
      )}
      {!needs.current && (
        <Text size="sm" c="var(--mantine-color-red-light-color)">
          {t("review.ofOther")}
        </Text>
      )}
      {truncated && <Text size="sm">{t("review.truncated")}</Text>}
      {notCovered?.length > 0 && (
        <Text size="xs" c="dimmed">
          {t("review.notCovered", { types: notCovered.join(", ") })}
        </Text>
      )}
      {notes?.map((note, i) => (
        <Text key={note} size="xs" c="dimmed">
          {why.say(note, needs.notesSaid?.[i])}
        </Text>
      ))}
      <Text size="xs" c="dimmed">
        {t("review.checkedAt")} <When at={needs.answer.checkedAt} />
      </Text>
    </Stack>
  );
}

const looks: Partial<Record<workspace.StepState, { icon: TablerIcon; color: string }>> = {
  done: { icon: IconCheck, color: "green" },
  failed: { icon: IconX, color: "red" },
  running: { icon: IconPlayerPlay, color: "blue" },
};

type ProofsProps = { steps: workspace.Step[]; compared?: Compared; view: workspace.RecordView };

/** How old what the decision rests on is: the scan of both sides, the retrieve and the validation. */
function Proofs({ steps, compared, view }: ProofsProps) {
  const { t } = useTranslation();
  const say = useSaid("deployments");
  const why = useWhy();
  const { Scan, Retrieve, Validate } = workspace.StepCode;
  const told = steps.filter((s) => [Scan, Retrieve, Validate].includes(s.code));
  return (
    <Stack gap={6}>
      {compared && (
        <Text size="sm">
          {t("review.readAt")} {view.target.environment.name} <When at={compared.targetAt} />,{" "}
          {view.source.environment.name} <When at={compared.sourceAt} />.
        </Text>
      )}
      {told.map((step) => {
        const { icon: Icon, color } = looks[step.state] ?? { icon: IconCircleDashed, color: "gray" };
        return (
          <Group key={step.code} gap={8} wrap="nowrap" align="flex-start">
            <ThemeIcon size={18} radius="xl" variant="light" color={color} mt={1}>
              <Icon size={12} aria-hidden />
            </ThemeIcon>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              <Text span size="sm" fw={550}>
                {t(`review.step.${step.code}`)}
              </Text>{" "}
              {say(step.sentence, step.said) || why.why(step) || t("review.notYet")}{" "}
              {step.logId && (
                <Anchor
                  size="sm"
                  underline="always"
                  renderRoot={(props) => <Link {...props} to="/logs/$id" params={{ id: step.logId }} />}
                >
                  {t("review.log")}
                </Anchor>
              )}
            </Text>
          </Group>
        );
      })}
    </Stack>
  );
}

type OverviewProps = { view: workspace.RecordView; compared?: Compared; older: number };

/** The record in plain words: where it goes, who deploys it, with which options, and what the scan had to say. */
function Overview({ view, compared, older }: OverviewProps) {
  const { t } = useTranslation();
  const why = useWhy();
  const subject: Subject = ofRecord(view);
  const { options } = view.record;
  const rows: [string, React.ReactNode][] = [
    [
      t("review.ofRequest"),
      <Anchor
        key="request"
        size="sm"
        renderRoot={(props) => (
          <Link {...props} to="/change-requests/$id/review" params={{ id: view.request.id }} />
        )}
      >
        {view.request.label} {view.request.name}
      </Anchor>,
    ],
    [
      t("review.authors"),
      <Group key="authors" gap="sm">
        {view.authors.map((person) => (
          <Person key={person.id} person={person} />
        ))}
      </Group>,
    ],
    [
      t("review.deployer"),
      view.deployer ? <Person key="deployer" person={view.deployer} /> : t("review.nobody"),
    ],
    [
      t("review.content"),
      t(view.record.whole ? "review.contentWhole" : "review.contentPart", { count: view.count }),
    ],
    [
      t("review.tests"),
      [
        t(`review.testLevels.${options?.testLevel || "None"}`, { defaultValue: options?.testLevel }),
        options?.tests?.join(", "),
      ]
        .filter(Boolean)
        .join(": "),
    ],
    [t("review.onError"), t(options?.rollbackOnError ? "review.rollback" : "review.partial")],
  ];
  if (options?.ignoreWarnings) rows.push([t("review.warnings"), t("review.ignored")]);
  if (options?.purgeOnDelete) rows.push([t("review.deleting"), t("review.purged")]);
  return (
    <Stack gap="lg" maw={760}>
      {view.reason && (
        <Alert color="gray" variant="light" p="xs" title={t("review.lastReason")}>
          {view.reason}
        </Alert>
      )}
      <Box>
        <Title order={2} fz={14} mb={6}>
          {t("review.whatHappens")}
        </Title>
        <Text size="md">{compared ? inWords(t, compared, subject) : t("review.unscannedText")}</Text>
        {older > 0 && (
          <Text size="md" mt={4} fw={550}>
            {t("review.overwrites", { count: older, target: subject.target?.name })}
          </Text>
        )}
      </Box>
      <Table variant="vertical" layout="fixed" withTableBorder verticalSpacing={6} fz="sm">
        <Table.Tbody>
          {rows.map(([label, value]) => (
            <Table.Tr key={label}>
              <Table.Th w="32%">{label}</Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {compared && compared.notes.length + compared.added.length > 0 && (
        <Box>
          <Title order={2} fz={14} mb={6}>
            {t("review.notes")}
          </Title>
          <List size="sm" spacing={4}>
            {compared.notes.map((note, i) => (
              <List.Item key={note}>{why.say(note, compared.notesSaid?.[i])}</List.Item>
            ))}
            {compared.added.length > 0 && (
              <List.Item>
                {t("review.addedByManifest", { count: compared.added.length })}{" "}
                <Text span size="sm" c="dimmed">
                  {compared.added
                    .slice(0, 8)
                    .map((c) => c.name)
                    .join(", ")}
                  {compared.added.length > 8 && " …"}
                </Text>
              </List.Item>
            )}
          </List>
        </Box>
      )}
      <ToPage subject={subject}>{t("review.wholePage", { label: view.label })}</ToPage>
    </Stack>
  );
}

type Translate = (key: string, values?: Record<string, unknown>) => string;

/** "Deploying brings 5 new and 6 changed customizations to Demo Production and deletes 1." */
function inWords(t: Translate, compared: Compared, subject: Subject) {
  const parts = [
    compared.new > 0 && t("review.count.new", { count: compared.new }),
    compared.changed > 0 && t("review.count.changed", { count: compared.changed }),
    compared.deleted > 0 && t("review.count.deleted", { count: compared.deleted }),
    compared.same > 0 && t("review.count.same", { count: compared.same }),
    compared.missingInSource > 0 && t("review.count.missing", { count: compared.missingInSource }),
  ].filter(Boolean);
  return t("review.brings", { target: subject.target?.name, list: parts.join(", ") });
}
