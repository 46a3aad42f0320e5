import { Alert, Anchor, Badge, Box, Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { IconExternalLink, IconPaperclip } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { request, requestImpact, saveAttachment, wholeContent } from "@/api/change-requests";
import { governance, type workspace } from "@/api/models";
import { openAddress } from "@/api/settings";
import { EmergencyNote } from "@/components/EmergencyNote";
import { NotRead, PageNotRead } from "@/components/NotRead";
import { Person } from "@/components/Person";
import { faultTitle, keyOfAct, useAct } from "@/components/use-act";
import { useSize } from "@/components/use-size";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import { LastRound, Section, ToPage } from "./Aside";
import { type Entry, named } from "./entries";
import { NamedPane } from "./NamedPane";
import { Review } from "./Review";
import { ofRequest } from "./subject";

const none: Entry[] = [];

/** The review of a Change Request: its text, and each customization with what the policy thinks of it. */
export function RequestReview({ id }: { id: string }) {
  const { t } = useTranslation();
  const view = useQuery(request(id));
  const content = useQuery(wholeContent(id));
  const impact = useQuery(requestImpact(id));
  const entries = useMemo(() => (content.data ? named(content.data) : none), [content.data]);

  if (view.isError && !view.data) return <PageNotRead title={t("review.notRead")} query={view} />;
  if (!view.data)
    return (
      <Waiting label={t("review.reading")} labelFor={(seconds) => t("review.readingFor", { seconds })} />
    );

  const subject = ofRequest(view.data);
  const others = impact.data?.others ?? [];
  const missing = impact.data?.missing ?? [];
  const warnings = [
    ...(others.length > 0 ? [t("review.overlaps", { count: others.length })] : []),
    ...(missing.length > 0 ? [t("review.missing", { count: missing.length })] : []),
  ];
  return (
    <Review
      subject={subject}
      entries={entries}
      complete={content.isSuccess}
      warnings={warnings}
      overview={<Overview view={view.data} />}
      pane={(entry) =>
        entry.content && (
          <NamedPane
            entry={entry}
            content={entry.content}
            records={view.data.records ?? []}
            others={others}
          />
        )
      }
      notice={
        view.isError ? (
          <NotRead title={t("review.notRead")} query={view} />
        ) : (
          content.isError && <NotRead title={t("review.noContentRead")} query={content} />
        )
      }
      aside={
        <>
          <LastRound subject={subject} />
          <Levels impact={impact.data} failed={impact.error ? faultTitle(t, impact.error) : undefined} />
          <Section title={t("review.dependencies")}>
            {missing.length > 0 ? (
              <Missing missing={missing} />
            ) : (
              <Text size="sm" c="dimmed">
                {impact.data?.checkedOn
                  ? t("review.noneMissing", { label: impact.data.checkedOn })
                  : t("review.dependenciesLater")}
              </Text>
            )}
            {impact.data?.checkedOn && <When at={impact.data.checkedAt} />}
          </Section>
          {others.length > 0 && (
            <Section title={t("review.others")}>
              <Stack gap={4}>
                {others.map((o) => (
                  <Text key={o.request.id} size="sm">
                    <Anchor
                      size="sm"
                      renderRoot={(props) => (
                        <Link {...props} to="/change-requests/$id" params={{ id: o.request.id }} />
                      )}
                    >
                      {o.request.label} {o.request.name}
                    </Anchor>{" "}
                    {t("review.shares", { count: o.count })}
                  </Text>
                ))}
              </Stack>
            </Section>
          )}
        </>
      }
    />
  );
}

/** What the package needs and nobody has, by name. */
export function Missing({ missing }: { missing: { type: string; name: string }[] }) {
  const { t } = useTranslation();
  const most = 12;
  return (
    <>
      <Text size="sm" fw={550} c="var(--mantine-color-red-light-color)">
        {t("review.missing", { count: missing.length })}
      </Text>
      <Box component="ul" m={0} pl="md">
        {missing.slice(0, most).map((c) => (
          <Text key={`${c.type}/${c.name}`} component="li" size="sm" style={{ overflowWrap: "anywhere" }}>
            {c.name}{" "}
            <Text span size="sm" c="dimmed">
              {c.type}
            </Text>
          </Text>
        ))}
      </Box>
      {missing.length > most && (
        <Text size="sm" c="dimmed">
          {t("review.andMore", { count: missing.length - most })}
        </Text>
      )}
    </>
  );
}

function Levels({ impact, failed }: { impact?: workspace.Impact; failed?: string }) {
  const { t } = useTranslation();
  if (!impact?.levels?.length && !failed) return null;
  return (
    <Section title={t("review.strictness")}>
      {failed && (
        <Text size="sm" c="dimmed">
          {failed}
        </Text>
      )}
      <Stack gap={2}>
        {impact?.levels.map((level) => (
          <Group key={level.category} justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
            <Text size="sm" style={{ whiteSpace: "nowrap" }}>
              {t(`category.${level.category}`, { defaultValue: level.category })}{" "}
              <Text span size="sm" c="dimmed" className="tabular">
                {level.count}
              </Text>
            </Text>
            <Text size="sm" c="dimmed" ta="right">
              {t(`level.${level.level}`, { defaultValue: level.level })}
            </Text>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}

/** The request as a person reads it. */
function Overview({ view }: { view: workspace.RequestView }) {
  const { t } = useTranslation();
  const size = useSize();
  const open = useAct(openAddress, { key: keyOfAct.openAddress });
  const save = useAct((name: string) => saveAttachment(view.request.id, name));
  const r = view.request;
  const attachments = r.attachments ?? [];
  const manifests = r.manifests ?? [];
  const changeSets = r.changeSets ?? [];
  const rows: [string, ReactNode][] = [
    [t("review.type"), t(`changeType.${r.type}`, { defaultValue: r.type })],
    [
      t("review.authors"),
      <Group key="authors" gap="sm">
        {view.authors.map((person) => (
          <Person key={person.id} person={person} />
        ))}
      </Group>,
    ],
  ];
  if (r.type === governance.ChangeType.Emergency)
    rows.push([t("emergency.reason"), r.emergencyReason ?? ""], [t("emergency.incident"), r.incident ?? ""]);
  const asked = (r.additionalApprovers ?? []).map((id) => view.members.find((m) => m.id === id)?.name);
  if (asked.length > 0)
    rows.push([
      t("changeRequests.additional.label"),
      asked.map((n) => n ?? t("changeRequests.additional.gone")).join(", "),
    ]);
  if (r.externalNumber) rows.push([t("review.externalNumber"), r.externalNumber]);
  if (r.externalLink)
    rows.push([
      t("review.externalLink"),
      <Anchor
        key="link"
        component="button"
        type="button"
        size="sm"
        ta="left"
        onClick={() => open.mutate(r.externalLink)}
        style={{ overflowWrap: "anywhere" }}
      >
        {r.externalLink} <IconExternalLink size={13} aria-hidden style={{ verticalAlign: -2 }} />
      </Anchor>,
    ]);
  if (changeSets.length > 0) rows.push([t("review.changeSets"), changeSets.join(", ")]);
  return (
    <Stack gap="lg" maw={760}>
      {view.emergency && <EmergencyNote terms={view.emergency} />}
      {view.reason && (
        <Alert color="gray" variant="light" p="xs" title={t("review.lastReason")}>
          {view.reason}
        </Alert>
      )}
      <Words title={t("review.overview")} text={r.overview} none={t("review.noOverview")} />
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
      {r.supportingText && <Words title={t("review.supporting")} text={r.supportingText} none="" />}
      {attachments.length > 0 && (
        <Box>
          <Title order={2} fz={14} mb={6}>
            {t("review.attachments", { count: attachments.length })}
          </Title>
          <Stack gap={4} align="flex-start">
            {attachments.map((a) => (
              <Button
                key={a.name}
                size="compact-sm"
                variant="subtle"
                leftSection={<IconPaperclip size={15} aria-hidden />}
                onClick={() => save.mutate(a.name)}
                maw="100%"
              >
                {t("review.attachment", { name: a.name, size: size(a.size) })}
              </Button>
            ))}
          </Stack>
        </Box>
      )}
      {manifests.length > 0 && (
        <Box>
          <Title order={2} fz={14} mb={6}>
            {t("review.manifests", { count: manifests.length })}
          </Title>
          <Stack gap="xs">
            {manifests.map((m) => (
              <Box key={m.name}>
                <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>
                  {m.name}
                </Text>
                <Group gap={6}>
                  {m.members.map((member) => (
                    <Badge key={member.type} variant="light" color="gray" radius="sm" tt="none" fw={500}>
                      {member.type} {member.names.includes("*") ? "*" : member.names.length}
                    </Badge>
                  ))}
                </Group>
              </Box>
            ))}
          </Stack>
        </Box>
      )}
      <ToPage subject={ofRequest(view)}>{t("review.wholePage", { label: view.label })}</ToPage>
    </Stack>
  );
}

function Words({ title, text, none: otherwise }: { title: string; text: string; none: string }) {
  return (
    <Box>
      <Title order={2} fz={14} mb={6}>
        {title}
      </Title>
      <Text
        size="md"
        c={text ? undefined : "dimmed"}
        style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
      >
        {text || otherwise}
      </Text>
    </Box>
  );
}
