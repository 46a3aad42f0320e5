import { sayWhy } from "@/components/page-actions";
import { useTranslation } from "@/i18n/use-translation";

/** Says that not all of a list could be picked, and how many were. */
export function useCut() {
  const { t } = useTranslation();
  return (picked: number, total: number) =>
    sayWhy(
      t("changeRequests.content.cut", { count: picked, total }),
      t("changeRequests.content.cutWhy", { count: picked }),
    );
}
