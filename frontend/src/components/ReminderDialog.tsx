import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { IconBell, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import type { workspace } from "@/api/models";
import { copyText } from "@/api/settings";
import { useTranslation } from "@/i18n/use-translation";
import { Dialog } from "./Dialog";
import { useAct } from "./use-act";
import { useSaid } from "./use-said";

/** Writes a reminder for mail: nothing is sent from here. That it was written is in the audit trail. */
export function RemindButton({ remind }: { remind: () => Promise<workspace.Reminder> }) {
  const { t } = useTranslation();
  const [written, setWritten] = useState<workspace.Reminder>();
  const write = useAct(remind, { onDone: setWritten });
  const say = useSaid("sentences");
  const text = (written?.lines ?? []).map((line) => say(line.text, line)).join("\n");
  const copy = useAct(() => copyText(text), {
    done: () => t("reminder.copied"),
    onDone: () => setWritten(undefined),
  });
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconBell size={14} aria-hidden />}
        loading={write.isPending}
        onClick={() => write.mutate()}
      >
        {t("reminder.button")}
      </Button>
      <Dialog
        opened={written !== undefined}
        onClose={() => setWritten(undefined)}
        title={t("reminder.title")}
      >
        <Stack gap="md">
          <Text size="sm">
            {written && written.to.length > 0
              ? t("reminder.to", { names: written.to.map((person) => person.name).join(", ") })
              : t("reminder.nobody")}{" "}
            {t("reminder.kept")}
          </Text>
          <Textarea
            label={t("reminder.text")}
            readOnly
            autosize
            minRows={6}
            maxRows={16}
            value={text}
            onFocus={(e) => e.currentTarget.select()}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setWritten(undefined)}>
              {t("common.close")}
            </Button>
            <Button
              data-autofocus
              leftSection={<IconCopy size={16} aria-hidden />}
              loading={copy.isPending}
              onClick={() => copy.mutate()}
            >
              {t("reminder.copy")}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}
