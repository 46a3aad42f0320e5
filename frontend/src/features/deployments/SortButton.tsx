import { UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

type Props = { by: string; sort: string; onSort: (sort: string) => void };

/** The head of a column that sorts: once by it, again the other way round. */
export function SortButton({ by, sort, onSort }: Props) {
  const { t } = useTranslation();
  const word = t(`deployments.column.${by}`);
  const up = sort === by;
  const down = sort === `-${by}`;
  const Icon = up ? IconArrowUp : IconArrowDown;
  return (
    <UnstyledButton
      fz={12}
      fw={550}
      c={up || down ? undefined : "dimmed"}
      aria-label={t(up ? "deployments.sortedUp" : down ? "deployments.sortedDown" : "deployments.sortBy", {
        column: word,
      })}
      onClick={() => onSort(down ? by : `-${by}`)}
      style={{ display: "flex", alignItems: "center", gap: 4, minWidth: 0 }}
    >
      {word}
      {(up || down) && <Icon size={12} aria-hidden />}
    </UnstyledButton>
  );
}
