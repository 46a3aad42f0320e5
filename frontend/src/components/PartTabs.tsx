import { Tabs, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

type Part = { word: string; title: string; count?: number; panel: ReactNode };

type Props = {
  label: string;
  /** The part that is open where the address names none. */
  usual: string;
  parts: Part[];
};

/** The parts of a page, with how much each holds. Which one is open is in the address. */
export function PartTabs({ label, usual, parts }: Props) {
  const navigate = useNavigate();
  const { tab } = useSearch({ strict: false });
  const show = (to: string | null) =>
    void navigate({ to: ".", replace: true, search: (old) => ({ ...old, tab: to ?? undefined }) });
  return (
    <Tabs value={parts.some(({ word }) => word === tab) ? tab : usual} keepMounted={false} onChange={show}>
      <Tabs.List aria-label={label}>
        {parts.map(({ word, title, count }) => (
          <Tabs.Tab key={word} value={word}>
            {title}{" "}
            {count !== undefined && (
              <Text span size="sm" c="dimmed" className="tabular" ml={6}>
                {count}
              </Text>
            )}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {parts.map(({ word, panel }) => (
        <Tabs.Panel key={word} value={word} pt="md">
          {panel}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
