import { Anchor, Box, Card, Code, Group, Stack, Table, Text, Title } from "@mantine/core";
import { IconArrowsSplit } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { incomingDrafts, takeDraft } from "@/api/exchange";
import type { workspace } from "@/api/models";
import { EmptyState } from "@/components/EmptyState";
import { NotRead } from "@/components/NotRead";
import { useAct } from "@/components/use-act";
import { useWorkspace } from "@/components/use-workspace";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";

/** Edits by others that came while the same request was edited here, beside one's own, for a choice. */
export function Drafts() {
  const { t } = useTranslation();
  const { request = "" } = useSearch({ strict: false });
  const all = useQuery(incomingDrafts());
  if (all.isError) return <NotRead title={t("exchange.drafts.notRead")} query={all} />;
  if (!all.data) return <Waiting rows={4} />;
  if (all.data.length === 0)
    return (
      <EmptyState
        icon={IconArrowsSplit}
        title={t("exchange.drafts.none")}
        text={t("exchange.drafts.noneText")}
      />
    );
  const ordered = [...all.data].sort((a, b) => Number(b.request === request) - Number(a.request === request));
  return (
    <Stack gap="lg">
      {ordered.map((choice) => (
        <Choice key={`${choice.request} ${choice.digest}`} choice={choice} />
      ))}
    </Stack>
  );
}

function Choice({ choice }: { choice: workspace.DraftChoice }) {
  const { t } = useTranslation();
  const settle = useAct((theirs: boolean) => takeDraft(choice.request, choice.digest, theirs), {
    key: ["take-draft", choice.digest],
    done: (view) => t("exchange.drafts.settled", { label: view.label }),
  });
  const { me } = useWorkspace();
  const others = choice.authors.filter((person) => person.id !== me?.id);
  const who = others.map((person) => person.name).join(", ") || t("exchange.delivery.stranger");
  const why = choice.open ? "" : t("exchange.drafts.locked", { label: choice.label });
  return (
    <Card withBorder radius="md" p="md" component="section" aria-label={`${choice.label} ${choice.name}`}>
      <Group justify="space-between" gap="sm" mb="xs">
        <Box miw={0}>
          <Title order={2} fz="md">
            <Anchor
              inherit
              underline="always"
              component={Link}
              to="/change-requests/$id"
              params={{ id: choice.request } as never}
            >
              {choice.label}
            </Anchor>{" "}
            {choice.name || t("changeRequests.noName")}
          </Title>
          <Text size="sm" c="dimmed" component="div">
            {t(choice.own ? "exchange.drafts.own" : "exchange.drafts.from", { name: who })}{" "}
            <When at={choice.updatedAt} />
          </Text>
        </Box>
      </Group>
      {choice.differs.length === 0 ? (
        <Text size="sm">{t("exchange.drafts.same")}</Text>
      ) : (
        <Differences choice={choice} who={who} />
      )}
      <Group gap="xs" mt="md">
        <WhyButton
          variant="default"
          allowed={choice.open}
          why={why}
          loading={settle.isPending}
          onClick={() => settle.mutate(true)}
        >
          {t(choice.own ? "exchange.drafts.takeOwn" : "exchange.drafts.takeTheirs")}
        </WhyButton>
        <WhyButton
          variant="default"
          allowed={choice.open}
          why={why}
          loading={settle.isPending}
          onClick={() => settle.mutate(false)}
        >
          {t(choice.own ? "exchange.drafts.keepSubmitted" : "exchange.drafts.keepMine")}
        </WhyButton>
        <Text size="sm" c="dimmed" flex={1} miw={220}>
          {why || t("exchange.drafts.means")}
        </Text>
      </Group>
    </Card>
  );
}

const text = { whiteSpace: "pre-line", overflowWrap: "anywhere", verticalAlign: "top" } as const;

/** What the two say differently, a line each. */
function Differences({ choice, who }: { choice: workspace.DraftChoice; who: string }) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table
        fz="sm"
        layout="fixed"
        verticalSpacing={6}
        withTableBorder
        aria-label={t("exchange.drafts.differences", { label: choice.label })}
      >
        <Table.Thead className="table-head">
          <Table.Tr>
            <Table.Th w="26%">{t("exchange.drafts.what")}</Table.Th>
            <Table.Th>
              {t(choice.own ? "exchange.drafts.nowSubmitted" : "exchange.drafts.mine")} ·{" "}
              <When at={choice.mine} />
            </Table.Th>
            <Table.Th>
              {choice.own ? t("exchange.drafts.myEdit") : t("exchange.drafts.theirs", { name: who })}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {choice.differs.map((each) => (
            <Table.Tr key={`${each.what} ${each.item}`}>
              <Table.Td style={text}>
                {t(`exchange.field.${each.what}`)}
                {each.item && (
                  <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                    {each.item}
                  </Text>
                )}
              </Table.Td>
              <Table.Td style={text}>
                <Value what={each.what} value={each.mine} />
              </Table.Td>
              <Table.Td style={text}>
                <Value what={each.what} value={each.theirs} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Value({ what, value }: { what: string; value: string }) {
  const { t } = useTranslation();
  if (!value)
    return (
      <Text span size="sm" c="dimmed">
        {t("exchange.drafts.absent")}
      </Text>
    );
  if (what === "customization") return <>{t(`change.${value}`, { defaultValue: value })}</>;
  if (what === "changeType") return <>{t(`changeType.${value}`, { defaultValue: value })}</>;
  if (what === "attachment") return <Code>{value.slice(0, 12)}</Code>;
  return <>{value}</>;
}
