import { Paper, Text } from "@mantine/core";
import { IconDragDrop } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { type Dropped, onDrop } from "@/api/events";

type Props = { title: string; text: string; onFiles: (dropped: Dropped) => void };

/** Takes files that are dropped anywhere on the page, and says so while they are above it. */
export function DropOverlay({ title, text, onFiles }: Props) {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
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
      <Text fw={600}>{title}</Text>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    </Paper>
  );
}
