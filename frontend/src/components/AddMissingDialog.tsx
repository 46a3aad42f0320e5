import { Checkbox, ScrollArea, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { addMissing } from "@/api/deployment-records";
import type { governance } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { keyOf } from "./customization";
import { SignDialog } from "./SignDialog";
import { useAct } from "./use-act";

type Props = {
  opened: boolean;
  onClose: () => void;
  recordId: string;
  /** Label and name of the Change Request that is extended. */
  request: string;
  missing: governance.Customization[];
};

/** Puts what is missing into the Change Request in one step: it is reopened, with the reason, and extended. */
export function AddMissingDialog({ opened, onClose, recordId, request, missing }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [left, setLeft] = useState<string[]>([]); // those that the person does not want
  const chosen = missing.filter((c) => !left.includes(keyOf(c)));
  const add = useAct((reason: string) => addMissing(recordId, chosen, reason), {
    key: ["add-missing", recordId],
    done: (answer) => t("attempt.add.done", { count: chosen.length, label: answer.label }),
    onDone: (answer) => {
      onClose();
      void navigate({
        to: "/change-requests/$id",
        params: { id: answer.request.id },
        search: { tab: "customizations" },
      });
    },
  });
  return (
    <SignDialog
      opened={opened}
      onClose={onClose}
      title={t("attempt.add.title")}
      subject={request}
      needsReason
      button={t("attempt.add.button")}
      pending={add.isPending}
      ready={chosen.length > 0}
      onSign={({ reason }) => add.mutate(reason)}
    >
      <Text size="sm">{t("attempt.add.what")}</Text>
      <ScrollArea.Autosize
        mah={220}
        viewportProps={{ tabIndex: 0, role: "group", "aria-label": t("attempt.add.list") }}
      >
        <Stack gap={6}>
          {missing.map((c) => (
            <Checkbox
              key={keyOf(c)}
              size="xs"
              label={`${c.type}: ${c.name}`}
              checked={!left.includes(keyOf(c))}
              onChange={(e) =>
                setLeft(e.currentTarget.checked ? left.filter((k) => k !== keyOf(c)) : [...left, keyOf(c)])
              }
            />
          ))}
        </Stack>
      </ScrollArea.Autosize>
    </SignDialog>
  );
}
