import { Alert, Box, Group, SegmentedControl, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconPlayerPlay, IconReportSearch, IconSignature, type TablerIcon } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { workspace } from "@/api/models";
import { createOwn, joinWorkspace, openDemo, openOwn, state } from "@/api/workspaces";
import { FaultAlert } from "@/components/FaultAlert";
import { tourKey } from "@/components/keys";
import { Mark } from "@/components/Mark";
import { faultHint, faultTitle, useAct } from "@/components/use-act";
import { filledButton } from "@/components/use-next-key";
import { useKeep, usePreference } from "@/components/use-preference";
import { useTranslation } from "@/i18n/use-translation";
import { Choices } from "./Choices";
import { DemoCard } from "./DemoCard";
import { JoinCard } from "./JoinCard";
import { OwnCard } from "./OwnCard";
import { Preparing } from "./Preparing";

const promises: { word: string; icon: TablerIcon }[] = [
  { word: "signature", icon: IconSignature },
  { word: "once", icon: IconPlayerPlay },
  { word: "verify", icon: IconReportSearch },
];

const askedAgainInMs = 500;

/** Enter opens what is most likely wanted: no key has to look for it. */
const begin = (page: HTMLElement | null) =>
  page?.querySelector<HTMLElement>(filledButton)?.focus({ preventScroll: true });

/** The first page: what Countersign is, and which workspace to open. There is no frame around it yet. */
export function FirstStartPage() {
  const { t } = useTranslation();
  const keep = useKeep();
  const shows = () => true; // each fault is drawn on the page itself
  const demo = useAct((_withTour: boolean) => openDemo(), {
    shows,
    onDone: ({ id }, withTour) => withTour && keep(tourKey(id), JSON.stringify({ open: true, since: "" })),
  });
  const own = useAct((folder: string) => openOwn(folder), { shows });
  const make = useAct(({ name, person }: { name: string; person: string }) => createOwn(name, person), {
    shows,
  });
  const join = useAct(joinWorkspace, { shows });
  const opening = demo.isPending || own.isPending || make.isPending || join.isPending;
  const { data } = useQuery({ ...state, refetchInterval: demo.isPending ? askedAgainInMs : false });
  const choices = data?.choices ?? [];
  const first = choices.find((c) => c.demo) ?? choices[0];

  if (demo.isPending || data?.preparing) return <Preparing preparing={data?.preparing} />;
  const open = (choice: workspace.Choice) => (choice.demo ? demo.mutate(false) : own.mutate(choice.folder));
  const fault = demo.error ?? own.error;
  return (
    <Box component="main" id="main" tabIndex={-1} ref={begin} className="first-start">
      <Stack gap="lg" maw="58rem" mx="auto" p="lg">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Group gap="md" wrap="nowrap" align="flex-start">
            <Mark size={44} />
            <div>
              <Title order={1} fz="xl" lh={1.2}>
                {t("firstStart.title")}
              </Title>
              <Text size="md" c="dimmed" maw="40rem">
                {t("firstStart.lead")}
              </Text>
            </div>
          </Group>
          <Language />
        </Group>
        <ul className="columns plain" data-columns="3-xs">
          {promises.map(({ word, icon: Icon }) => (
            <Group key={word} component="li" gap="xs" wrap="nowrap" align="flex-start">
              <ThemeIcon variant="light" size={26} radius="sm">
                <Icon size={16} stroke={1.7} aria-hidden />
              </ThemeIcon>
              <Text size="sm">{t(`firstStart.promise.${word}`)}</Text>
            </Group>
          ))}
        </ul>
        {data?.problem && (
          <Alert color="yellow" title={t("firstStart.problem")} role="alert">
            <Text size="sm">{faultTitle(t, data.problem)}</Text>
            {data.problem.hint && (
              <Text size="sm" fw={550}>
                {faultHint(t, data.problem)}
              </Text>
            )}
          </Alert>
        )}
        {fault && <FaultAlert title={t("firstStart.notOpened")} fault={fault} />}
        <div className="columns" data-columns="2-xs">
          {choices.length > 0 ? (
            <Stack gap="md">
              <Choices choices={choices} first={first} onOpen={open} disabled={opening} />
              {!choices.some((c) => c.demo) && (
                <DemoCard onStart={demo.mutate} disabled={opening} filled={false} />
              )}
            </Stack>
          ) : (
            <DemoCard onStart={demo.mutate} disabled={opening} filled />
          )}
          <OwnCard
            onMake={(name, person) => make.mutate({ name, person })}
            pending={make.isPending}
            disabled={opening}
            fault={make.error?.code === "declined" ? null : make.error}
            keychain={data?.keychain}
          />
          <JoinCard
            onJoin={join.mutate}
            pending={join.isPending}
            disabled={opening}
            fault={join.error?.code === "declined" ? null : join.error}
          />
        </div>
        <Text size="xs" c="dimmed">
          {t("firstStart.private")}
        </Text>
      </Stack>
    </Box>
  );
}

/** The first page is where somebody finds out that it speaks the wrong language. */
function Language() {
  const { t, i18n } = useTranslation();
  const [, choose] = usePreference("language");
  return (
    <SegmentedControl
      size="xs"
      flex="none"
      aria-label={t("firstStart.language")}
      value={i18n.language.slice(0, 2)}
      onChange={choose}
      transitionDuration={0}
      data={[
        { value: "en", label: "English" },
        { value: "de", label: "Deutsch" },
      ]}
    />
  );
}
