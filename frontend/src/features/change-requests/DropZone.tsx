import { Paper, Text } from "@mantine/core";
import { IconDragDrop } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { attachDropped } from "@/api/change-requests";
import { onDrop } from "@/api/events";
import { useAct } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";
import { useAnswer } from "./Files";

/** Files that are dropped anywhere on the page of a draft are attached to it; package manifests are imported. */
export function DropZone({ id }: { id: string }) {
  const { t } = useTranslation();
  const onDone = useAnswer();
  const [over, setOver] = useState(false);
  const take = useAct(({ token }: { token: string; names: string[] }) => attachDropped(id, token), {
    onDone,
    done: () => t("changeRequests.drop.done"),
  });
  const latest = useRef(take.mutate);
  latest.current = take.mutate;
  useEffect(
    () =>
      onDrop((dropped) => {
        setOver(false);
        latest.current(dropped);
      }),
    [],
  );
  useEffect(() => {
    const files = (e: DragEvent) => e.dataTransfer?.types.includes("Files");
    const enter = (e: DragEvent) => {
      if (!files(e)) return;
      e.preventDefault(); // or the window would open the file
      setOver(true);
    };
    const leave = (e: DragEvent) => {
      if (e.type === "drop" && files(e)) e.preventDefault();
      if (e.type === "drop" || e.relatedTarget === null) setOver(false);
    };
    window.addEventListener("dragover", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", leave);
    return () => {
      window.removeEventListener("dragover", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", leave);
    };
  }, []);
  if (!over) return null;
  return (
    <Paper className="drop-here" withBorder radius="md" role="status">
      <IconDragDrop size={32} stroke={1.4} aria-hidden />
      <Text fw={600}>{t("changeRequests.drop.title")}</Text>
      <Text size="sm" c="dimmed">
        {t("changeRequests.drop.text")}
      </Text>
    </Paper>
  );
}
