import { Box, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { runInventory } from "@/api/environments";
import { runs, works } from "@/api/home";
import type { workspace } from "@/api/models";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { keyOfAct, useAct } from "@/components/use-act";
import { When } from "@/components/When";
import { WorkProgress } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";

const oldInMilliseconds = 24 * 3600 * 1000;

/** How old what is picked from is, and the way to scan again. A scan that runs says how far it is. */
export function InventoryAge({ here }: { here: workspace.EnvironmentView }) {
  const { t } = useTranslation();
  const { environment, inventory, production } = here;
  const all = useQuery(works).data;
  const work = all?.find((one) => one.id === here.workId && runs(one));
  const scan = useAct(() => runInventory(environment.id), { key: keyOfAct.inventory(environment.id) });
  const scanned = inventory.environmentId !== "";
  const old = scanned && Date.now() - new Date(inventory.at).getTime() > oldInMilliseconds;
  return (
    <Group gap="sm" flex="1 1 260px" miw={0}>
      <EnvironmentBadge
        id={environment.id}
        name={environment.name}
        kind={environment.kind}
        production={production}
        size="sm"
      />
      {work ? (
        <Box flex={1} miw={200} maw={520}>
          <WorkProgress work={work} />
        </Box>
      ) : (
        <>
          <Group gap={6}>
            {(old || !scanned) && (
              <IconAlertTriangle size={15} color="var(--mantine-color-yellow-light-color)" aria-hidden />
            )}
            <Text size="sm" component="span">
              {scanned ? (
                <>
                  {t("changeRequests.picker.scanned", { count: inventory.count })} <When at={inventory.at} />
                  {old && `. ${t("changeRequests.picker.old")}`}
                </>
              ) : (
                t("changeRequests.picker.unscanned")
              )}
            </Text>
          </Group>
          <Button
            size="compact-sm"
            variant={scanned ? "default" : "filled"}
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={() => scan.mutate()}
            loading={scan.isPending}
          >
            {t("changeRequests.picker.runScan")}
          </Button>
        </>
      )}
    </Group>
  );
}
