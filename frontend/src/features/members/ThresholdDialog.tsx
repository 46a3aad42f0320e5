import { NumberInput, Text } from "@mantine/core";
import { useState } from "react";
import { workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { ChangeDialog, rosterChange } from "./ChangeDialog";

/** How many owners sign a change from then on; the backend says which numbers are possible. */
export function ThresholdDialog({ all, onClose }: { all: workspace.Members; onClose: () => void }) {
  const { t } = useTranslation();
  const [threshold, setThreshold] = useState(all.needed);
  return (
    <ChangeDialog
      opened
      onClose={onClose}
      title={t("members.threshold")}
      subject={all.name}
      change={rosterChange({ kind: workspace.RosterKind.Threshold, threshold })}
      ready={threshold !== all.needed}
    >
      <Text size="sm">{t("members.thresholdWhat", { count: all.owners })}</Text>
      <NumberInput
        data-autofocus
        w={220}
        label={t("members.thresholdLabel")}
        min={1}
        max={all.owners}
        clampBehavior="strict"
        allowDecimal={false}
        allowNegative={false}
        value={threshold}
        onChange={(n) => typeof n === "number" && setThreshold(n)}
      />
    </ChangeDialog>
  );
}
