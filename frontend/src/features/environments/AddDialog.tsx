import { useNavigate } from "@tanstack/react-router";
import { Dialog } from "@/components/Dialog";
import { useTranslation } from "@/i18n/use-translation";
import { EnvironmentForm } from "./EnvironmentForm";

/** A new environment. It leads on to its page, where its credentials are saved and its connection is tested. */
export function AddDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("environments.add")}>
      <EnvironmentForm
        onCancel={onClose}
        onSaved={(view) =>
          navigate({
            to: "/environments/$id",
            params: { id: view.environment.id },
            search: { tab: "connection" },
            ignoreBlocker: true,
          })
        }
      />
    </Dialog>
  );
}
