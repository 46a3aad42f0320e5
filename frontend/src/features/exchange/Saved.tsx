import { Alert, Button, Group, Text } from "@mantine/core";
import { IconCircleCheck, IconFolder } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { showFile } from "@/api/exchange";
import type { app } from "@/api/models";
import { Digest } from "@/components/Digest";
import { useAct } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";

type Props = { file: app.SavedFile; title: string; sum: string; children: ReactNode };

/** Where a file was saved, what it holds, and the way to its folder. */
export function Saved({ file, title, sum, children }: Props) {
  const { t } = useTranslation();
  const show = useAct(() => showFile(file.token));
  return (
    <Alert
      ref={(box: HTMLDivElement | null) => box?.scrollIntoView?.({ block: "nearest" })}
      color="green"
      variant="light"
      mt="md"
      maw={736}
      icon={<IconCircleCheck aria-hidden />}
      title={title}
      role="status"
    >
      <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>
        {file.name}
      </Text>
      <Text size="sm" c="var(--mantine-color-text)" style={{ overflowWrap: "anywhere" }}>
        {t("exchange.saved.in", { folder: file.folder })}
      </Text>
      <Text size="sm" mt="xs">
        {children}
      </Text>
      <Group mt="sm" gap="md">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconFolder size={15} aria-hidden />}
          onClick={() => show.mutate()}
          loading={show.isPending}
        >
          {t("exchange.saved.show")}
        </Button>
        <Group gap={6}>
          <Text size="xs">{t("exchange.saved.sum")}</Text>
          <Digest value={sum} length={16} />
        </Group>
      </Group>
    </Alert>
  );
}

/** Several things in a sentence, without those of which there is none. */
export function useHeld() {
  const { t, i18n } = useTranslation();
  return (counts: Record<string, number>) =>
    new Intl.ListFormat(i18n.language, { type: "conjunction" }).format(
      Object.entries(counts)
        .filter(([, count]) => count > 0)
        .map(([word, count]) => t(`exchange.count.${word}`, { count })),
    );
}
