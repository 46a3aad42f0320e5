import { Box, Button } from "@mantine/core";
import { IconPlus, IconServer2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { environments } from "@/api/environments";
import { EmptyState } from "@/components/EmptyState";
import { NotRead } from "@/components/NotRead";
import { PageHeader } from "@/components/PageHeader";
import { usePageActions } from "@/components/page-actions";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { AddDialog } from "./AddDialog";
import { EnvironmentCard } from "./EnvironmentCard";

/** The orgs that this workspace knows: whether each can be reached, and how old what is known of it is. */
export function EnvironmentsPage(): React.ReactNode {
  const { t } = useTranslation();
  const all = useQuery(environments);
  const adding = useSearch({ strict: false }).view === "new";
  const navigate = useNavigate();
  const show = (view?: string) => navigate({ to: "/environments", search: { view } });
  usePageActions(t("environments.title"), [{ id: "new-environment", run: () => show("new") }]);
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => show("new")} flex="none">
      {t("environments.add")}
    </Button>
  );
  return (
    <Box px="lg" py="md">
      <PageHeader title={t("environments.title")} lead={t("environments.lead")} aside={add} />
      {all.isPending && <Waiting rows={4} />}
      {all.isError && <NotRead title={t("environments.notRead")} query={all} />}
      {all.data?.length === 0 && (
        <EmptyState icon={IconServer2} title={t("environments.empty")} text={t("environments.emptyWhy")} />
      )}
      {all.data && all.data.length > 0 && (
        <div className="room">
          <ul className="columns plain" data-columns="environments">
            {all.data.map((view) => (
              <EnvironmentCard key={view.environment.id} view={view} />
            ))}
          </ul>
        </div>
      )}
      <AddDialog opened={adding} onClose={() => show()} />
    </Box>
  );
}
