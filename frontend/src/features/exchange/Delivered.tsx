import { Alert, Anchor, Button, Group, List, Stack, Table, Text, ThemeIcon, Title } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowRight,
  IconArrowsSplit2,
  IconCircleCheck,
  IconMailQuestion,
  IconUserCheck,
  IconUserPlus,
  IconUserQuestion,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { governance, store } from "@/api/models";
import { Digest } from "@/components/Digest";
import { StatusBadge } from "@/components/StatusBadge";
import { useNumber } from "@/components/use-number";
import { useSaid } from "@/components/use-said";
import { useSize } from "@/components/use-size";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

type Props = { delivery: store.Delivery; done?: boolean };

/** What a bundle would bring, or brought: from whom, what is in doubt, what comes, and what is missing afterwards. */
export function Delivered({ delivery: d, done }: Props) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      {done && (
        <Alert color="green" variant="light" icon={<IconCircleCheck aria-hidden />} role="status">
          <Text size="md" fw={600}>
            {t("exchange.delivery.imported")}
          </Text>
          <Text size="sm">{t("exchange.delivery.importedMeans")}</Text>
        </Alert>
      )}
      <Sender delivery={d} />
      <Doubts delivery={d} done={done} />
      <Notes delivery={d} done={done} />
      <Asking delivery={d} done={done} />
      {d.nothing && (
        <Alert color="blue" variant="light" role="status" title={t("exchange.delivery.nothing")}>
          {t("exchange.delivery.nothingMeans")}
        </Alert>
      )}
      <Rows kind="requests" rows={d.requests} done={done} />
      <Rows kind="records" rows={d.records} done={done} />
      <Drafts drafts={d.drafts} done={done} />
      <Acts acts={d.acts} />
      <Beside delivery={d} />
      <Missing missing={d.missing} />
    </Stack>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={3} fz="md" mb={6}>
        {title}
      </Title>
      {children}
    </section>
  );
}

/** Whose key signed the file, when it was made, and how its trail goes with what was known of it. */
function Sender({ delivery: d }: Props) {
  const { t } = useTranslation();
  const known = d.from !== "";
  const asks = d.asker !== "";
  const Icon = known ? IconUserCheck : asks ? IconUserPlus : IconUserQuestion;
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <ThemeIcon size={34} radius="xl" variant="light" color={known ? "green" : asks ? "yellow" : "red"}>
        <Icon size={20} stroke={1.7} aria-hidden />
      </ThemeIcon>
      <div>
        <Text size="md" fw={600}>
          {known
            ? t("exchange.delivery.from", { name: d.fromName })
            : asks
              ? t("exchange.delivery.fromAsker", { name: d.asker })
              : t("exchange.delivery.fromNobody")}
        </Text>
        <Text size="sm" c="dimmed" component="div">
          {t("exchange.delivery.made")} <When at={d.created} /> · {t(`exchange.trail.${d.trail}`)}
        </Text>
        <Group gap={6} mt={2}>
          <Text size="xs" c="dimmed">
            {t("exchange.saved.sum")}
          </Text>
          <Digest value={d.bundle} length={16} />
        </Group>
      </div>
    </Group>
  );
}

/** What happened to one's own edits. It is nobody's fault, and nothing to ask the sender about. */
const ofOwnEdits = ["edit_kept", "record_replaced"];

function Notes({ delivery: d, done }: Props) {
  const { t } = useTranslation();
  const say = useSaid("exchange");
  const notes = d.findings.filter(({ code }) => ofOwnEdits.includes(code));
  if (notes.length === 0) return null;
  return (
    <Alert color="yellow" variant="light" icon={<IconArrowsSplit2 aria-hidden />} role="status">
      {notes.map((note) => (
        <Text key={note.text} size="sm" style={{ overflowWrap: "anywhere" }}>
          {say(note.text, note)}
        </Text>
      ))}
      {done && notes.some(({ code }) => code === "edit_kept") && (
        <Button
          mt="xs"
          size="xs"
          variant="default"
          renderRoot={(props) => <Link {...props} to="/exchange" search={{ tab: "drafts" }} />}
        >
          {t("exchange.drafts.compare")}
        </Button>
      )}
    </Alert>
  );
}

/** Somebody asks to be let in: nothing about that is in doubt yet, and the voice decides. */
function Asking({ delivery: d, done }: Props) {
  const { t } = useTranslation();
  const asking = d.acts.filter((act) => act.asks);
  if (asking.length === 0) return null;
  const names = [...new Set(asking.map(({ name }) => name))].join(", ");
  return (
    <Alert
      color="blue"
      variant="light"
      icon={<IconUserPlus aria-hidden />}
      role="status"
      title={t("exchange.delivery.asks", { names, count: asking.length })}
    >
      <Text size="sm">{t("exchange.delivery.asksMeans")}</Text>
      {done && (
        <Button mt="xs" size="xs" renderRoot={(props) => <Link {...props} to="/members" />}>
          {t("exchange.delivery.toMembers")}
        </Button>
      )}
    </Alert>
  );
}

/** What of it does not count, and keys that are at two places. */
function Doubts({ delivery: d, done }: Props) {
  const { t } = useTranslation();
  const say = useSaid("exchange"); // its words are `exchange.said.${code}`
  const findings = d.findings.filter(({ code }) => !ofOwnEdits.includes(code));
  if (findings.length + d.forks.length === 0) return null;
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      role="alert"
      title={t("exchange.delivery.doubts", { count: findings.length + d.forks.length })}
    >
      <List size="sm" spacing={4}>
        {d.forks.map((fork) => (
          <List.Item key={fork.key}>
            {t("exchange.delivery.fork", {
              name: fork.member ? fork.name : t("exchange.delivery.stranger"),
              n: fork.seq,
            })}
          </List.Item>
        ))}
        {findings.map((found) => (
          <List.Item key={found.text} style={{ overflowWrap: "anywhere" }}>
            {say(found.text, found)}
          </List.Item>
        ))}
      </List>
      <Text size="sm" mt="xs" fw={550}>
        {t(done ? "exchange.delivery.doubtsMeanNow" : "exchange.delivery.doubtsMean")}
      </Text>
    </Alert>
  );
}

type RowsProps = { kind: "requests" | "records"; rows: store.DeliveredRow[]; done?: boolean };

/** Requests or records that are new here, or move. */
function Rows({ kind, rows, done }: RowsProps) {
  const { t } = useTranslation();
  if (rows.length === 0) return null;
  const title = t(`exchange.delivery.${kind}`, { count: rows.length });
  return (
    <Part title={title}>
      <Table.ScrollContainer minWidth={520}>
        <Table fz="sm" verticalSpacing={5} withTableBorder aria-label={title}>
          <Table.Thead className="table-head">
            <Table.Tr>
              <Table.Th w={96}>{t("exchange.column.label")}</Table.Th>
              <Table.Th>{t("exchange.column.name")}</Table.Th>
              <Table.Th w={370}>{t("exchange.column.status")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.id}>
                <Table.Td className="tabular" c={row.new && !done ? "dimmed" : undefined}>
                  {done ? <RowLink kind={kind} row={row} /> : row.label}
                </Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}>
                  {row.name || t("changeRequests.noName")}
                </Table.Td>
                <Table.Td>
                  <Group gap={6}>
                    {row.new ? (
                      <Text span size="sm">
                        {t("exchange.delivery.new")}
                      </Text>
                    ) : (
                      <StatusBadge status={row.before as governance.Status} />
                    )}
                    {(row.new || row.before !== row.after) && (
                      <>
                        <IconArrowRight size={14} aria-label={t("exchange.delivery.becomes")} />
                        <StatusBadge status={row.after as governance.Status} />
                      </>
                    )}
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Part>
  );
}

function RowLink({ kind, row }: { kind: RowsProps["kind"]; row: store.DeliveredRow }) {
  return kind === "requests" ? (
    <Anchor size="sm" component={Link} to="/change-requests/$id" params={{ id: row.id } as never}>
      {row.label}
    </Anchor>
  ) : (
    <Anchor size="sm" component={Link} to="/deployments/$id" params={{ id: row.id } as never}>
      {row.label}
    </Anchor>
  );
}

function Drafts({ drafts, done }: { drafts: store.DeliveredDraft[]; done?: boolean }) {
  const { t } = useTranslation();
  if (drafts.length === 0) return null;
  return (
    <Part title={t("exchange.delivery.drafts", { count: drafts.length })}>
      <List size="sm" spacing={4}>
        {drafts.map((draft) => (
          <List.Item key={draft.digest}>
            <b>{draft.name || t("changeRequests.noName")}</b>: {t(`exchange.delivery.draft.${draft.how}`)}
          </List.Item>
        ))}
      </List>
      {done && drafts.some((draft) => draft.how === "waits") && (
        <Button mt="xs" size="xs" component={Link} to="/exchange" search={{ tab: "drafts" } as never}>
          {t("exchange.delivery.choose")}
        </Button>
      )}
    </Part>
  );
}

const first = 12;

/** Who signed what about what, newest last; the first of many until all are asked for. */
function Acts({ acts }: { acts: store.DeliveredAct[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  if (acts.length === 0) return null;
  const shown = all ? acts : acts.slice(0, first);
  const title = t("exchange.delivery.acts", { count: acts.length });
  return (
    <Part title={title}>
      <Table.ScrollContainer minWidth={560}>
        <Table fz="sm" verticalSpacing={4} withTableBorder aria-label={title}>
          <Table.Thead className="table-head">
            <Table.Tr>
              <Table.Th w="22%">{t("exchange.column.who")}</Table.Th>
              <Table.Th w="30%">{t("exchange.column.did")}</Table.Th>
              <Table.Th>{t("exchange.column.about")}</Table.Th>
              <Table.Th w={130}>{t("exchange.column.when")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((act) => (
              <Table.Tr key={act.id} c={act.broken ? "dimmed" : undefined}>
                <Table.Td style={{ overflowWrap: "anywhere" }}>
                  {act.member
                    ? act.name
                    : act.asks
                      ? t("exchange.delivery.asker", { name: act.name })
                      : t("exchange.delivery.stranger")}
                </Table.Td>
                <Table.Td>
                  {t(`trail.kind.${act.type.replace(/[.\s]/g, "-")}`, { defaultValue: act.type })}
                  {act.broken && (
                    <Text size="xs" c="var(--mantine-color-red-light-color)">
                      {t("exchange.delivery.broken", { why: act.broken })}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{act.about || "–"}</Table.Td>
                <Table.Td>
                  <When at={act.at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {shown.length < acts.length && (
        <Button mt={4} size="xs" variant="default" onClick={() => setAll(true)}>
          {t("exchange.delivery.allActs", { count: acts.length })}
        </Button>
      )}
    </Part>
  );
}

/** Charter versions, Deployment Logs and files, in a sentence each; what is here already counts as nothing new. */
function Beside({ delivery: d }: Props) {
  const { t } = useTranslation();
  const number = useNumber();
  const size = useSize();
  const lines = [
    d.charters.length > 0 &&
      t("exchange.delivery.charters", {
        versions: d.charters.map(number).join(", "),
        count: d.charters.length,
      }),
    d.attempts > 0 && t("exchange.delivery.attempts", { count: d.attempts }),
    d.files > 0 && t("exchange.delivery.files", { count: d.files, size: size(d.bytes) }),
    d.knownActs > 0 && t("exchange.delivery.known", { count: d.knownActs }),
  ].filter((line) => typeof line === "string");
  if (lines.length === 0) return null;
  return (
    <Part title={t("exchange.delivery.beside")}>
      <List size="sm" spacing={2}>
        {lines.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
    </Part>
  );
}

/** What is named and not here, and whom to ask for it. */
function Missing({ missing }: { missing: store.MissingAct[] }) {
  const { t } = useTranslation();
  if (missing.length === 0) return null;
  const whom = [...new Set(missing.map((each) => each.name))];
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconMailQuestion aria-hidden />}
      role="status"
      title={t("exchange.delivery.missing", { count: missing.length })}
    >
      <List size="sm" spacing={2}>
        {whom.map((name) => (
          <List.Item key={name}>
            {t("exchange.delivery.ask", {
              name,
              count: missing.filter((each) => each.name === name).length,
            })}
          </List.Item>
        ))}
      </List>
      <Text size="sm" mt="xs">
        {t("exchange.delivery.missingMeans")}
      </Text>
    </Alert>
  );
}
