import { Box } from "@mantine/core";
import { Fault } from "@/api/fault";
import { FaultAlert } from "@/components/FaultAlert";
import { useTranslation } from "@/i18n/use-translation";

/** What is drawn when a page throws: the rest of the window goes on, and the details can be passed on. */
export function PageFault({ error, reset }: { error: unknown; reset: () => void }) {
  const { t } = useTranslation();
  return (
    <Box p={32} maw={720}>
      <FaultAlert title={t("fault.page")} fault={Fault.from(error)} onRetry={reset} />
    </Box>
  );
}
