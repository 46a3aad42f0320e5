import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { request } from "@/api/change-requests";
import type { workspace } from "@/api/models";
import { PageNotRead } from "@/components/NotRead";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { useDraftOf } from "./draft";
import { RequestSheet } from "./RequestSheet";

/** One Change Request: where it stands, what is next, and all that belongs to it. The id "new" is one that is nowhere yet. */
export function RequestPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams({ strict: false });
  const isNew = id === "new";
  const one = useQuery({ ...request(id), enabled: !isNew });
  if (one.data || isNew) return <Opened id={id} view={one.data} />;
  if (one.error) return <PageNotRead title={t("changeRequests.notOpened")} query={one} />;
  return (
    <Waiting
      label={t("changeRequests.opening")}
      labelFor={(seconds) => t("changeRequests.openingFor", { seconds })}
    />
  );
}

/** A sheet of its own for each draft: nothing that is picked or begun in one request may reach another. */
function Opened({ id, view }: { id: string; view?: workspace.RequestView }) {
  const draft = useDraftOf(id, view);
  return <RequestSheet key={draft.key} id={id} view={view} kept={draft} />;
}
