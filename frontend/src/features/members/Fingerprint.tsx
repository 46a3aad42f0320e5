import { Text } from "@mantine/core";
import { useTranslation } from "@/i18n/use-translation";

/** The 20 digits that two people read to each other. */
export function Fingerprint({ value, large }: { value: string; large?: boolean }) {
  const { t } = useTranslation();
  return (
    <Text
      component="span"
      role="img"
      className="tabular"
      ff="monospace"
      fz={large ? "xl" : "sm"}
      fw={large ? 600 : undefined}
      aria-label={t("members.fingerprint", { digits: value })}
    >
      {value}
    </Text>
  );
}
