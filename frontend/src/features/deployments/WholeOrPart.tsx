import { Radio, Stack, Text } from "@mantine/core";
import { useTranslation } from "@/i18n/use-translation";
import { readable } from "./options";

type Props = { whole: boolean; onChange: (whole: boolean) => void; count: number };

/** Whether a record deploys all customizations of its request, of which there are so many, or chosen ones. */
export function WholeOrPart({ whole, onChange, count }: Props) {
  const { t } = useTranslation();
  return (
    <Radio.Group
      value={whole ? "whole" : "part"}
      onChange={(v) => onChange(v === "whole")}
      aria-label={t("deployments.part.what")}
    >
      <Stack gap={8}>
        <Radio
          size="xs"
          styles={readable}
          value="whole"
          label={<Text size="sm">{t("deployments.whole", { count })}</Text>}
          description={t("deployments.wholeWhy")}
        />
        <Radio
          size="xs"
          styles={readable}
          value="part"
          label={<Text size="sm">{t("deployments.partly")}</Text>}
          description={t("deployments.partlyWhy")}
        />
      </Stack>
    </Radio.Group>
  );
}
