import { Button, Group, Stack, Text, Timeline, Tooltip } from "@mantine/core";
import { IconCircle, IconSignature } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { activity } from "@/api/change-requests";
import { Digest } from "@/components/Digest";
import { EmptyState } from "@/components/EmptyState";
import { NotRead } from "@/components/NotRead";
import { useSaid } from "@/components/use-said";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

/** A record that lived long has thousands of lines: they are drawn a page at a time. */
const atOnce = 60;

/** What happened to the record, newest first; what was signed says so. */
export function ActivityTab({ id }: { id: string }) {
  const { t } = useTranslation();
  const say = useSaid("deployments");
  const all = useQuery(activity(id));
  const [shown, setShown] = useState(atOnce);
  if (all.isError) return <NotRead title={t("deployments.notRead")} query={all} />;
  if (all.isPending) return <Waiting />;
  if (all.data.length === 0)
    return (
      <EmptyState
        icon={IconCircle}
        title={t("deployments.noActivity")}
        text={t("deployments.noActivityText")}
      />
    );
  const older = all.data.length - shown;
  return (
    <>
      <Timeline
        bulletSize={20}
        lineWidth={1}
        maw={860}
        styles={{ item: { marginTop: 12, paddingBottom: 2 } }}
      >
        {all.data.slice(0, shown).map((h) => (
          <Timeline.Item
            key={h.id}
            bullet={
              h.signed ? (
                <Tooltip label={t("deployments.signed")}>
                  <IconSignature size={12} aria-label={t("deployments.signed")} />
                </Tooltip>
              ) : (
                <IconCircle size={8} aria-hidden />
              )
            }
            title={
              <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>
                {say(h.text, h.said)}
              </Text>
            }
          >
            <Stack gap={2}>
              {h.reason && (
                <Text size="sm" fs="italic" style={{ overflowWrap: "anywhere" }}>
                  “{h.reason}”
                </Text>
              )}
              <Group gap={6}>
                {h.by && !h.text.includes(h.by.name) && <Text size="sm">{h.by.name}</Text>}
                <When at={h.at} />
                {h.digest && <Digest value={h.digest} />}
              </Group>
            </Stack>
          </Timeline.Item>
        ))}
      </Timeline>
      {older > 0 && (
        <Button variant="default" size="xs" mt="md" onClick={() => setShown(shown + atOnce)}>
          {t("deployments.moreActivity", { count: older })}
        </Button>
      )}
    </>
  );
}
