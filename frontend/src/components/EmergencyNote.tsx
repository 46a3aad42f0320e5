import { Alert, Text } from "@mantine/core";
import { IconUrgent } from "@tabler/icons-react";
import type { workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";

/** What an Emergency means: its own seats, hours instead of days, and the review that falls due and then blocks. */
export function EmergencyNote({ terms }: { terms?: workspace.EmergencyTerms }) {
  const { t, i18n } = useTranslation();
  const of = (unit: "hour" | "day", count: number) =>
    new Intl.NumberFormat(i18n.language, { style: "unit", unit, unitDisplay: "long" }).format(count);
  return (
    <Alert
      color="yellow"
      variant="light"
      p="sm"
      icon={<IconUrgent aria-hidden />}
      title={t("emergency.title")}
    >
      <Text size="sm">
        {t("emergency.seats")}{" "}
        {terms && t("emergency.terms", { hours: of("hour", terms.hours), days: of("day", terms.reviewDays) })}{" "}
        {t("emergency.blocks")}
      </Text>
    </Alert>
  );
}
