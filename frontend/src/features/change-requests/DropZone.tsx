import { attachDropped } from "@/api/change-requests";
import { DropOverlay } from "@/components/DropOverlay";
import { useAct } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";
import { useAnswer } from "./Files";

/** Files that are dropped anywhere on the page of a draft are attached to it; package manifests are imported. */
export function DropZone({ id }: { id: string }) {
  const { t } = useTranslation();
  const onDone = useAnswer();
  const take = useAct(({ token }: { token: string; names: string[] }) => attachDropped(id, token), {
    onDone,
    done: () => t("changeRequests.drop.done"),
  });
  return (
    <DropOverlay
      title={t("changeRequests.drop.title")}
      text={t("changeRequests.drop.text")}
      onFiles={take.mutate}
    />
  );
}
