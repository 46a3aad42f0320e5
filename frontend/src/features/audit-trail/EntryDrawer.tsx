import { Anchor, Box, Button, Code, Drawer, Group, Stack, Table, Text } from "@mantine/core";
import { IconArrowRight, IconCopy } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { trailAt, trailBlock, trailEntry } from "@/api/audit-trail";
import type { workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { CopyText } from "@/components/CopyText";
import { Digest } from "@/components/Digest";
import { timeFormat } from "@/components/intl";
import { NotRead } from "@/components/NotRead";
import { Person } from "@/components/Person";
import { useNumber } from "@/components/use-number";
import { useSaid } from "@/components/use-said";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { useKindWord } from "./kinds";

/** One entry: what it says, what it hashes to, which signed act it names, and what it is about. */
export function EntryDrawer({ index, onClose }: { index?: number; onClose: () => void }) {
  const { t } = useTranslation();
  const number = useNumber();
  return (
    <Drawer
      opened={index !== undefined}
      onClose={onClose}
      position="right"
      size="xl"
      title={index === undefined ? "" : t("trail.entry", { index: number(index) })}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {index !== undefined && <Body index={index} />}
    </Drawer>
  );
}

function Body({ index }: { index: number }) {
  const { t } = useTranslation();
  const block = Math.floor(index / trailBlock);
  const client = useQueryClient();
  // A block that was read as the last one may be full by now; either way entry index is in it.
  const known = client
    .getQueryData(trailAt(block, true).queryKey)
    ?.items.find((each) => each.index === index);
  const read = useQuery({ ...trailAt(block, true), enabled: !known });
  const entry = known ?? read.data?.items.find((each) => each.index === index);
  return (
    <Stack gap="md">
      {read.isError && <NotRead title={t("trail.notRead")} query={read} />}
      {entry && <Facts entry={entry} />}
      <Json index={index} />
    </Stack>
  );
}

function Facts({ entry }: { entry: workspace.TrailEntry }) {
  const say = useSaid("trail");
  const { t, i18n } = useTranslation();
  const word = useKindWord();
  const at = isKnown(entry.at)
    ? timeFormat(i18n.language, { dateStyle: "full", timeStyle: "medium" }).format(new Date(entry.at))
    : "–";
  return (
    <>
      <Text size="md" fw={550} style={{ overflowWrap: "anywhere" }}>
        {say(entry.text, entry.said)}
      </Text>
      <Table variant="vertical" withTableBorder verticalSpacing={6} fz="sm" layout="fixed">
        <Table.Tbody>
          <Row label={t("trail.fact.kind")}>{word(entry.kind)}</Row>
          <Row label={t("trail.fact.at")}>
            <time dateTime={entry.at}>{at}</time>
          </Row>
          <Row label={t("trail.fact.by")}>{entry.by ? <Person person={entry.by} /> : t("trail.program")}</Row>
          {entry.about && (
            <Row label={t("trail.fact.about")}>
              <About entry={entry} />
            </Row>
          )}
          {entry.reason && <Row label={t("trail.fact.reason")}>“{entry.reason}”</Row>}
          <Row label={t("trail.fact.act")}>
            {entry.act ? <Digest value={entry.act} length={32} /> : t("trail.unsigned")}
          </Row>
          <Row label={t("trail.fact.hash")}>
            <Digest value={entry.hash} length={32} />
          </Row>
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed">
        {t(entry.act ? "trail.actMeans" : "trail.hashMeans")}
      </Text>
    </>
  );
}

const pages: Record<string, "/change-requests/$id" | "/deployments/$id" | "/logs/$id" | "/environments/$id"> =
  {
    request: "/change-requests/$id",
    record: "/deployments/$id",
    log: "/logs/$id",
    environment: "/environments/$id",
  };

/** What an entry is about, as a link where it has a page. */
function About({ entry }: { entry: workspace.TrailEntry }) {
  const to = pages[entry.linkTo];
  if (entry.linkTo === "policies")
    return <Way to={(props) => <Link {...props} to="/policies" />}>{entry.about}</Way>;
  if (!to || !entry.link) return <>{entry.about}</>;
  return <Way to={(props) => <Link {...props} to={to} params={{ id: entry.link }} />}>{entry.about}</Way>;
}

type WayProps = { to: (props: Record<string, unknown>) => ReactNode; children: ReactNode };

const Way = ({ to, children }: WayProps) => (
  <Anchor renderRoot={to} size="sm" underline="always">
    <Group component="span" gap={4} display="inline-flex" wrap="nowrap">
      {children}
      <IconArrowRight size={14} aria-hidden />
    </Group>
  </Anchor>
);

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w={150}>{label}</Table.Th>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{children}</Table.Td>
    </Table.Tr>
  );
}

function Json({ index }: { index: number }) {
  const { t } = useTranslation();
  const raw = useQuery(trailEntry(index));
  if (raw.isError) return <NotRead title={t("trail.entryNotRead")} query={raw} />;
  if (raw.isPending) return <Waiting rows={4} />;
  return (
    <Box>
      <Group justify="space-between" mb={4}>
        <Text size="sm" fw={600}>
          {t("trail.json")}
        </Text>
        <CopyText value={raw.data}>
          {({ copied, copy }) => (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconCopy size={14} aria-hidden />}
              onClick={copy}
            >
              {copied ? t("common.copied") : t("common.copy")}
            </Button>
          )}
        </CopyText>
      </Group>
      <Code
        block
        tabIndex={0}
        role="region"
        aria-label={t("trail.json")}
        style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
      >
        {spread(raw.data)}
      </Code>
    </Box>
  );
}

/** JSON with one field on a line. Numbers keep their digits, since nothing is computed here but spaces. */
function spread(json: string): string {
  if (json.includes("\n")) return json;
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
