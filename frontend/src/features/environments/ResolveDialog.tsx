import { Radio, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { resolveOutside } from "@/api/environments";
import type { workspace } from "@/api/models";
import { SignDialog } from "@/components/SignDialog";
import { useAct } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  view: workspace.EnvironmentView;
  changes: workspace.OutsideChange[];
  opened: boolean;
  onClose: () => void;
  onDone: () => void;
};

/** Signs what became of changes outside: a reason, or a Change Request that takes them over afterwards. */
export function ResolveDialog({ view, changes, opened, onClose, onDone }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const env = view.environment;
  const [way, setWay] = useState("reason");
  const usual = t("environments.outside.requestName", { name: env.name });
  const [typed, setTyped] = useState<string>();
  const name = typed ?? usual;
  const takesOver = way === "request";
  const resolve = useAct((wish: workspace.OutsideWish) => resolveOutside(env.id, wish), {
    key: ["resolve", env.id],
    onDone: (answer) => {
      onClose();
      onDone();
      if (answer.requestId) navigate({ to: "/change-requests/$id", params: { id: answer.requestId } });
      else
        notifications.show({
          message: t("environments.outside.done"),
          color: "green",
          closeButtonProps: { "aria-label": t("common.close") },
        });
    },
  });
  return (
    <SignDialog
      opened={opened}
      onClose={onClose}
      title={t("environments.outside.resolveTitle")}
      subject={t("environments.outside.subject", { count: changes.length })}
      target={{ id: env.id, name: env.name, production: view.production }}
      needsReason={!takesOver}
      ready={changes.length > 0 && (!takesOver || name.trim() !== "")}
      button={t(takesOver ? "environments.outside.makeRequest" : "environments.outside.signReason")}
      pending={resolve.isPending}
      onSign={({ reason }) =>
        resolve.mutate({
          acts: changes.map((c) => c.act),
          reason,
          newRequest: takesOver,
          name: takesOver ? name : "",
        })
      }
    >
      <Radio.Group label={t("environments.outside.how")} value={way} onChange={setWay}>
        <Stack gap="xs" mt="xs">
          <Radio value="reason" label={t("environments.outside.byReason")} />
          <Radio value="request" label={t("environments.outside.byRequest")} />
        </Stack>
      </Radio.Group>
      {takesOver && (
        <>
          <TextInput
            label={t("environments.outside.requestLabel")}
            value={name}
            maxLength={200}
            onChange={(e) => setTyped(e.currentTarget.value)}
          />
          <Text size="sm" c="dimmed">
            {t("environments.outside.requestWhy")}
          </Text>
        </>
      )}
    </SignDialog>
  );
}
