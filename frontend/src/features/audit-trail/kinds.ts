import {
  IconCertificate,
  IconDoorEnter,
  IconFileCheck,
  IconKey,
  IconNote,
  IconPencil,
  IconPlugConnected,
  IconRadar2,
  IconRocket,
  IconSearch,
  IconServer2,
  IconShieldCheck,
  IconTool,
  type TablerIcon,
} from "@tabler/icons-react";
import { useCallback } from "react";
import { useTranslation } from "@/i18n/use-translation";

/** What a kind of entry is called. One that has no word of its own says what it is in the log. */
export function useKindWord() {
  const { t } = useTranslation();
  return useCallback(
    (kind: string) => t(`trail.kind.${kind.replace(/[.\s]/g, "-")}`, { defaultValue: kind }),
    [t],
  );
}

const icons: [start: string, icon: TablerIcon][] = [
  ["cr.", IconFileCheck],
  ["dr.", IconRocket],
  ["deploy.", IconRocket],
  ["recon.", IconRadar2],
  ["reading", IconRadar2],
  ["attempt", IconRocket],
  ["draft", IconPencil],
  ["gate", IconDoorEnter],
  ["gov.", IconShieldCheck],
  ["credentials", IconKey],
  ["connection", IconPlugConnected],
  ["verify", IconCertificate],
  ["rebuild", IconTool],
  ["environment", IconServer2],
  ["scan", IconSearch],
];

export const kindIcon = (kind: string) => icons.find(([start]) => kind.startsWith(start))?.[1] ?? IconNote;
