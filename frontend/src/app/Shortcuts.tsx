import { Box, Group, Kbd, Modal, Text, Title } from "@mantine/core";
import { useEffect, useSyncExternalStore } from "react";
import { keyNames } from "@/components/keys";
import { usePageShown } from "@/components/page-actions";
import { useTranslation } from "@/i18n/use-translation";
import { commands } from "./commands";

let opened = false;
const told = new Set<() => void>();
const set = (to: boolean) => {
  opened = to;
  for (const tell of told) tell();
};
const subscribe = (tell: () => void) => {
  told.add(tell);
  return () => told.delete(tell);
};

export const openShortcuts = () => set(true);

/** What lists, reviews and forms understand beside the commands; the words are shortcuts.<page>.<n>. */
const inPages: { page: string; keys: string[][] }[] = [
  { page: "lists", keys: [["J", "ArrowDown"], ["K", "ArrowUp"], ["Enter"], ["Space"], ["/"], ["Escape"]] },
  { page: "review", keys: [["N"], ["P"], ["V"], ["A"], ["R"]] },
  { page: "forms", keys: [["mod+Enter"], ["Escape"]] },
  { page: "next", keys: [["mod+Enter"], ["Escape"]] },
];

/** Every shortcut on one sheet. */
export function Shortcuts() {
  const { t } = useTranslation();
  const shown = useSyncExternalStore(subscribe, () => opened);
  useEffect(() => () => set(false), []); // it goes with the frame
  return (
    <Modal
      opened={shown}
      onClose={() => set(false)}
      title={t("shortcuts.title")}
      size="52rem"
      transitionProps={{ duration: 0 }}
      overlayProps={{ blur: 0 }}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Sheets />
    </Modal>
  );
}

/** Drawn while the sheet is open only: what can be done on the page changes with every page. */
function Sheets() {
  const { t } = useTranslation();
  const page = usePageShown();
  return (
    <div className="two-columns">
      {page.actions.length > 0 && (
        <Sheet
          title={page.heading}
          // What has no keys of its own is in the palette.
          rows={page.actions.map((a) => ({ keys: [a.keys ?? "mod+K"], words: a.words }))}
        />
      )}
      {(["make", "go", "window"] as const).map((group) => (
        <Sheet
          key={group}
          title={t(`palette.group.${group}`)}
          rows={commands.flatMap((c) =>
            c.group === group && c.keys ? [{ keys: [c.keys], words: t(`command.${c.id}`) }] : [],
          )}
        />
      ))}
      {inPages.map(({ page, keys }) => (
        <Sheet
          key={page}
          title={t(`shortcuts.${page}.title`)}
          rows={keys.map((key, n) => ({ keys: key, words: t(`shortcuts.${page}.${n + 1}`) }))}
        />
      ))}
    </div>
  );
}

function Sheet({ title, rows }: { title: string; rows: { keys: string[]; words: string }[] }) {
  return (
    <Box component="section">
      <Title order={3} fz="sm" mb={6}>
        {title}
      </Title>
      {rows.map(({ keys, words }) => (
        <Group key={words} justify="space-between" wrap="nowrap" gap="md" py={3} className="ruled">
          <Text size="sm">{words}</Text>
          <Group gap={4} wrap="nowrap">
            {keys.flatMap(keyNames).map((key) => (
              <Kbd key={key} size="xs">
                {key}
              </Kbd>
            ))}
          </Group>
        </Group>
      ))}
    </Box>
  );
}
