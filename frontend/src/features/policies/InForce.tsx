import { Badge, Group, List, Paper, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { governance, type workspace } from "@/api/models";
import { useSaid } from "@/components/use-said";
import { useTranslation } from "@/i18n/use-translation";

/** The policies in force, read as sentences: first for requests, then for each kind of target. */
export function InForce({ all }: { all: workspace.Policies }) {
  const { t } = useTranslation();
  return (
    <Stack gap="lg">
      <Part title={t("policies.forRequests")} lead={t("policies.forRequestsWhy")} views={[all.requests]} />
      <Part
        title={t("policies.forDeployments")}
        lead={t("policies.forDeploymentsWhy")}
        views={all.environments}
      />
      <Members all={all} />
    </Stack>
  );
}

function Part({ title, lead, views }: { title: string; lead: string; views: workspace.PolicyView[] }) {
  const { t } = useTranslation();
  return (
    <section aria-label={title}>
      <Title order={2} fz="lg">
        {title}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {lead}
      </Text>
      {views.length === 0 && <Text size="sm">{t("policies.noPolicy")}</Text>}
      <div className="room">
        <div className="columns" data-columns={`policies-${Math.min(3, views.length)}`}>
          {views.map((view) => (
            <Card key={view.policy.name + view.policy.kind + view.policy.organization} view={view} />
          ))}
        </div>
      </div>
    </section>
  );
}

function Card({ view }: { view: workspace.PolicyView }) {
  const { t } = useTranslation();
  const { policy, sentences } = view;
  const production = policy.kind === governance.EnvironmentKind.Production;
  const relaxed = sentences.filter((sentence) => sentence.relaxed).length;
  return (
    <Paper withBorder radius="md" p="md" className={production ? "production-edge" : undefined}>
      <Group justify="space-between" gap="xs" mb="xs">
        <Title order={3} fz="md" style={{ overflowWrap: "anywhere" }}>
          {policy.name}
        </Title>
        {relaxed > 0 && (
          <Badge
            color="yellow"
            variant="light"
            radius="sm"
            tt="none"
            leftSection={<IconAlertTriangle size={13} aria-hidden />}
          >
            {t("policies.relaxedCount", { count: relaxed })}
          </Badge>
        )}
      </Group>
      <List size="sm" spacing={6} listStyleType="none" m={0} p={0}>
        {sentences.map((sentence) => (
          <Sentence key={sentence.code + sentence.text} sentence={sentence} />
        ))}
      </List>
    </Paper>
  );
}

/** One rule. What is weaker than separation of duties asks is marked with a word, not by colour alone. */
function Sentence({ sentence }: { sentence: workspace.PolicySentence }) {
  const { t } = useTranslation();
  const say = useSaid("policies");
  return (
    <List.Item>
      {sentence.relaxed && (
        <Badge color="yellow" variant="light" radius="sm" size="sm" tt="none" mr={6}>
          {t("policies.relaxed")}
        </Badge>
      )}
      {say(sentence.text, sentence.said)}
    </List.Item>
  );
}

function Members({ all }: { all: workspace.Policies }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t("policies.members")}>
      <Title order={2} fz="lg" mb={2}>
        {t("policies.members")}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {all.solo ? t("policies.solo") : t("policies.ownersSign", { count: all.owners })}
      </Text>
      <Paper withBorder radius="md" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {all.members.map((member, i) => (
          <Group
            key={member.id}
            component="li"
            gap="md"
            px="md"
            py={8}
            style={{ borderTop: i > 0 ? "1px solid var(--mantine-color-default-border)" : undefined }}
          >
            <Text size="sm" fw={550} w={180}>
              {member.name}
            </Text>
            <Text size="sm" c="dimmed">
              {member.roles.map((role) => t(`role.${role}`, { defaultValue: role })).join(", ")}
            </Text>
          </Group>
        ))}
      </Paper>
    </section>
  );
}
