import { Box, Group, Text } from "@mantine/core";
import { IconSignature } from "@tabler/icons-react";
import type { workspace } from "@/api/models";
import { timeFormat } from "@/components/intl";
import { useNumber } from "@/components/use-number";
import { useSaid } from "@/components/use-said";
import { useTranslation } from "@/i18n/use-translation";
import { kindIcon, useKindWord } from "./kinds";

const columns = {
  display: "grid",
  gridTemplateColumns: "3.75rem 10.5rem minmax(6rem, 0.7fr) minmax(10rem, 3fr) minmax(4rem, 0.6fr)",
  gap: "0.75rem",
  alignItems: "center",
  padding: "0 0.75rem",
} as const;

export function EntryHead() {
  const { t } = useTranslation();
  return (
    <Box className="list-head" style={columns}>
      <span>{t("trail.column.index")}</span>
      <span>{t("trail.column.at")}</span>
      <span>{t("trail.column.by")}</span>
      <span>{t("trail.column.what")}</span>
      <span>{t("trail.column.about")}</span>
    </Box>
  );
}

/** One entry on one line. A pen says that a person signed it. */
export function EntryRow({ entry }: { entry: workspace.TrailEntry }) {
  const { t, i18n } = useTranslation();
  const number = useNumber();
  const word = useKindWord();
  const Icon = kindIcon(entry.kind);
  const sentence = useSaid("trail")(entry.text, entry.said);
  const at = new Date(entry.at);
  return (
    <Box style={{ ...columns, height: "100%" }}>
      <Text size="xs" c="dimmed" className="tabular">
        {number(entry.index)}
      </Text>
      <Text size="sm" c="dimmed" className="tabular" truncate="end">
        {at.getUTCFullYear() < 1970 // an entry that does not say
          ? "–"
          : timeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" }).format(at)}
      </Text>
      <Text size="sm" truncate="end" title={entry.by?.name}>
        {entry.by?.name ?? "–"}
      </Text>
      <Group gap={6} wrap="nowrap" style={{ minWidth: 0 }}>
        <Icon
          size={16}
          stroke={1.6}
          title={word(entry.kind)}
          aria-label={word(entry.kind)}
          style={{ flex: "none" }}
        />
        <Text size="sm" truncate="end" title={sentence}>
          {sentence}
        </Text>
        {entry.act && (
          <IconSignature
            size={15}
            stroke={1.6}
            aria-label={t("trail.signed")}
            style={{ flex: "none", color: "var(--mantine-color-dimmed)" }}
          />
        )}
      </Group>
      <Text size="sm" c="dimmed" truncate="end" title={entry.about}>
        {entry.about}
      </Text>
    </Box>
  );
}
