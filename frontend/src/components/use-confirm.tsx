import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useTranslation } from "@/i18n/use-translation";

type Question = {
  title: string;
  text: string;
  yes: string;
  no?: string;
  /** What it does cannot be taken back, so its button is red. */
  red?: boolean;
  /** The focus begins on No. */
  careful?: boolean;
};

/** Asks before something is done, and answers whether it shall be. Every way of closing it but Yes is a No. */
export function useConfirm() {
  const { t } = useTranslation();
  return ({ title, text, yes, no = t("common.cancel"), red, careful }: Question) =>
    new Promise<boolean>((answer) => {
      modals.openConfirmModal({
        title,
        centered: true,
        transitionProps: { duration: 0 },
        closeButtonProps: { "aria-label": t("common.close") },
        children: <Text size="sm">{text}</Text>,
        labels: { confirm: yes, cancel: no },
        confirmProps: red ? { color: "red.9" } : undefined,
        cancelProps: careful ? { "data-autofocus": true } : undefined,
        onConfirm: () => answer(true),
        onClose: () => answer(false), // it closes after Yes too, when the answer is given already
      });
    });
}
