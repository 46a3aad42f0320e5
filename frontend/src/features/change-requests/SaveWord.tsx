import { Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { faultHint, faultTitle } from "@/components/use-act";
import { useNow } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";
import type { useDraft } from "./draft";

/** Whether what is seen is on disk: saved, and when; not yet; or why not. */
export function SaveWord({ draft }: { draft: ReturnType<typeof useDraft> }) {
  const { t, i18n } = useTranslation();
  const { word, savedAt, fault } = draft;
  const fresh = savedAt !== undefined && Date.now() - savedAt < 60_000;
  const now = useNow(fresh);
  if (word === "fault" && fault)
    return (
      <Group gap="xs" role="alert" wrap="nowrap">
        <IconAlertTriangle size={16} color="var(--mantine-color-error)" aria-hidden />
        <Text size="sm" c="var(--mantine-color-error)" maw={420}>
          {t("changeRequests.save.fault", { why: faultTitle(t, fault) })} {faultHint(t, fault)}
        </Text>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => void draft.flush()}
          style={{ flex: "none" }}
        >
          {t("fault.retry")}
        </Button>
      </Group>
    );
  if (word !== "kept")
    return (
      <Text size="xs" c="dimmed">
        {t("changeRequests.save.pending")}
      </Text>
    );
  if (savedAt === undefined) return null;
  const seconds = Math.max(0, Math.round((now - savedAt) / 1000));
  return (
    <Group gap={4} c="dimmed" wrap="nowrap">
      <IconCheck size={14} aria-hidden />
      <Text size="xs" className="tabular">
        {seconds < 60
          ? t("changeRequests.save.ago", { seconds })
          : t("changeRequests.save.at", {
              time: new Date(savedAt).toLocaleTimeString(i18n.language, {
                hour: "2-digit",
                minute: "2-digit",
              }),
            })}
      </Text>
    </Group>
  );
}
