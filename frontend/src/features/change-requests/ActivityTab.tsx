import { Anchor, Badge, Blockquote, Button, Group, Text, Timeline } from "@mantine/core";
import {
  IconArrowBackUp,
  IconBan,
  IconCheck,
  IconCircleCheck,
  IconCircleX,
  IconDownload,
  IconHistory,
  IconPencil,
  IconRefresh,
  IconRocket,
  IconSend,
  IconShieldCheck,
  IconSignature,
  type TablerIcon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { activity } from "@/api/change-requests";
import type { workspace } from "@/api/models";
import { Digest } from "@/components/Digest";
import { EmptyState } from "@/components/EmptyState";
import { NotRead } from "@/components/NotRead";
import { useSaid } from "@/components/use-said";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

const icons: Record<string, { icon: TablerIcon; color: string }> = {
  submit: { icon: IconSend, color: "yellow" },
  approve: { icon: IconCheck, color: "green" },
  reject: { icon: IconCircleX, color: "red" },
  recall: { icon: IconArrowBackUp, color: "gray" },
  reopen: { icon: IconArrowBackUp, color: "gray" },
  complete: { icon: IconCircleCheck, color: "green" },
  cancel: { icon: IconBan, color: "gray" },
  draft: { icon: IconPencil, color: "gray" },
  scan: { icon: IconRefresh, color: "gray" },
  gate: { icon: IconShieldCheck, color: "blue" },
  retrieve: { icon: IconDownload, color: "gray" },
  deploy: { icon: IconRocket, color: "blue" },
  validate: { icon: IconRocket, color: "gray" },
};

const lookOf = (code: string) => {
  const words = code.split(".").reverse();
  return words.map((word) => icons[word]).find(Boolean) ?? { icon: IconHistory, color: "gray" };
};

const page = 60;

/** What happened, newest first. What somebody signed is marked, with the content it is about. */
export function ActivityTab({ view }: { view: workspace.RequestView }) {
  const { t } = useTranslation();
  const happened = useQuery(activity(view.request.id));
  const [shown, setShown] = useState(page);
  if (happened.error) return <NotRead title={t("changeRequests.activity.notRead")} query={happened} />;
  if (happened.isPending) return <Waiting />;
  if (happened.data.length === 0)
    return (
      <EmptyState
        icon={IconHistory}
        title={t("changeRequests.activity.none")}
        text={t("changeRequests.activity.noneText")}
      />
    );
  return (
    <>
      <Timeline bulletSize={26} lineWidth={2} active={-1}>
        {happened.data.slice(0, shown).map((one) => {
          const { icon: Icon, color } = lookOf(one.code);
          return (
            <Timeline.Item
              key={one.id}
              bullet={<Icon size={14} color={`var(--mantine-color-${color}-light-color)`} aria-hidden />}
              lineVariant="solid"
              mt="md"
            >
              <Line one={one} view={view} />
            </Timeline.Item>
          );
        })}
      </Timeline>
      {happened.data.length > shown && (
        <Button variant="default" size="xs" mt="md" onClick={() => setShown(shown + page)}>
          {t("changeRequests.activity.more", { count: happened.data.length - shown })}
        </Button>
      )}
    </>
  );
}

type Props = { one: workspace.Happening; view: workspace.RequestView };

function Line({ one, view }: Props) {
  const { t } = useTranslation();
  const say = useSaid("changeRequests");
  return (
    <>
      <Group gap="xs">
        <Text size="sm" component="span" style={{ overflowWrap: "anywhere" }}>
          {say(one.text, one.said)}
        </Text>
        {one.signed && (
          <Badge
            variant="light"
            color="blue"
            radius="sm"
            size="sm"
            tt="none"
            fw={550}
            leftSection={<IconSignature size={12} aria-hidden />}
          >
            {t("changeRequests.activity.signed")}
          </Badge>
        )}
        {one.round > 1 && one.signed && (
          <Text span size="xs" c="dimmed">
            {t("changeRequests.activity.round", { round: one.round })}
          </Text>
        )}
      </Group>
      {one.reason && (
        <Blockquote p="xs" px="sm" my={4} fz="sm" radius="sm" color="gray" style={{ whiteSpace: "pre-wrap" }}>
          {one.reason}
        </Blockquote>
      )}
      <Group gap="sm" fz="xs" c="dimmed">
        <When at={one.at} />
        {one.digest && <Digest value={one.digest} length={10} />}
        {one.link && <About one={one} view={view} />}
      </Group>
    </>
  );
}

/** The way to the record or the log that a happening is about. */
function About({ one, view }: Props) {
  const { t } = useTranslation();
  if (one.link === view.request.id) return null;
  const record = view.records.find((r) => r.id === one.link);
  if (record)
    return (
      <Anchor
        component={Link}
        to="/deployments/$id"
        params={{ id: one.link } as never}
        size="xs"
        className="tabular"
      >
        {record.label}
      </Anchor>
    );
  return (
    <Anchor component={Link} to="/logs/$id" params={{ id: one.link } as never} size="xs">
      {t("changeRequests.deployments.log")}
    </Anchor>
  );
}
