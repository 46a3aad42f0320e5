import { Group, Select } from "@mantine/core";
import type { ReactNode } from "react";
import type { workspace } from "@/api/models";
import { SearchField } from "@/components/SearchField";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  text: string;
  onText: (text: string) => void;
  types: workspace.TypeCount[];
  type: string;
  onType: (type: string) => void;
  children: ReactNode;
};

/** What narrows a list of customizations, with what else stands in its row. */
export function ContentFilter({ text, onText, types, type, onType, children }: Props) {
  const { t } = useTranslation();
  return (
    <Group gap="xs">
      <SearchField
        size="xs"
        w={220}
        aria-label={t("deployments.select.search")}
        text={text}
        onText={onText}
      />
      <Select
        size="xs"
        w={210}
        clearable
        aria-label={t("deployments.select.type")}
        placeholder={t("deployments.select.type")}
        data={types.map((c) => ({ value: c.type, label: `${c.type} (${c.count})` }))}
        value={type || null}
        onChange={(to) => onType(to ?? "")}
      />
      {children}
    </Group>
  );
}
