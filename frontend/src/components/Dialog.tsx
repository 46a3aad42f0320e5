import { Modal, type ModalProps } from "@mantine/core";
import { useTranslation } from "@/i18n/use-translation";

/** A dialog above the page. It comes and goes at once, and what closes it has a name. */
export function Dialog(p: ModalProps) {
  const { t } = useTranslation();
  return (
    <Modal
      size="lg"
      centered
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": t("common.close") }}
      {...p}
    />
  );
}
