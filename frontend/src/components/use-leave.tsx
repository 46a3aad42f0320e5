import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useLeaving } from "./use-unsaved";

/** Leaves the workspace for another one, from wherever it is asked for: it says what that means first. */
export function useLeave(): () => void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const leave = useLeaving(() => void navigate({ to: "/start" }));
  return () =>
    modals.openConfirmModal({
      title: t("settings.leaveTitle"),
      children: <Text size="sm">{t("settings.leaveWhy")}</Text>,
      labels: { confirm: t("settings.leave"), cancel: t("common.cancel") },
      transitionProps: { duration: 0 },
      closeButtonProps: { "aria-label": t("common.close") },
      onConfirm: () => leave.mutate(),
    });
}
