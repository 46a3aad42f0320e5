import { Text, UnstyledButton } from "@mantine/core";
import { IconArrowNarrowDown, IconArrowNarrowUp } from "@tabler/icons-react";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  /** The word of the query that sorts by this column, and the one that sorts now; "-" before it is downwards. */
  by: string;
  sort: string;
  onSort: (sort: string) => void;
  /** A column of times, of which one looks for the newest first; of names one looks from A. */
  newestFirst?: boolean;
  children: string;
};

/** The head of a column that sorts: the first press by it, the next the other way round. */
export function SortHead({ by, sort, onSort, newestFirst, children }: Props) {
  const { t } = useTranslation();
  const up = sort === by;
  const down = sort === `-${by}`;
  const Icon = up ? IconArrowNarrowUp : IconArrowNarrowDown;
  return (
    <UnstyledButton
      className="sort"
      fz={12}
      fw={550}
      c={up || down ? "var(--mantine-color-text)" : "dimmed"}
      aria-label={t(up ? "common.sort.up" : down ? "common.sort.down" : "common.sort.by", {
        column: children,
      })}
      onClick={() => onSort(up || (newestFirst && !down) ? `-${by}` : by)}
    >
      <Text span inherit truncate="end">
        {children}
      </Text>
      {(up || down) && <Icon size={14} aria-hidden />}
    </UnstyledButton>
  );
}
