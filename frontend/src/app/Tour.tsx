import {
  ActionIcon,
  Anchor,
  Button,
  Group,
  Popover,
  ScrollArea,
  Text,
  ThemeIcon,
  Tooltip,
  UnstyledButton,
} from "@mantine/core";
import { IconCheck, IconChevronUp, IconCircle, IconCircleDot, IconX } from "@tabler/icons-react";
import { Link, useLocation, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTour } from "@/components/use-tour-kept";
import { useTranslation } from "@/i18n/use-translation";
import { type TourStep, useTourSteps } from "./use-tour";

/** The tour: the real job in a bar below the page, which names the step, leads to it, and covers nothing. */
export function Tour({ narrow }: { narrow: boolean }) {
  const tour = useTour();
  const unbegun = tour.opened && !tour.since;
  // The first page opens the tour without a time: it begins when the demo's own story has been told.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once is enough
  useEffect(() => {
    if (unbegun) tour.again();
  }, [unbegun]);
  if (!tour.opened || unbegun) return null;
  return <Bar since={tour.since} narrow={narrow} />;
}

function Bar({ since, narrow }: { since: string; narrow: boolean }) {
  const { t } = useTranslation();
  const tour = useTour();
  const router = useRouter();
  const path = useLocation({ select: (l) => l.pathname });
  const steps = useTourSteps(since);
  const at = steps.findIndex((s) => !s.done);
  const now = steps[at];
  const there = now && now.to.split("?")[0] === path;
  return (
    <Group component="section" className="tour" px="md" gap="sm" wrap="nowrap" aria-label={t("tour.title")}>
      <Steps steps={steps} at={at} />
      <div role="status" className="tour-now">
        <Text size="sm" fw={600} lh={1.3} lineClamp={1}>
          {now ? t(`tour.${now.code}.title`) : t("tour.over.title")}
        </Text>
        <Text size="sm" c="dimmed" lh={1.3} lineClamp={2} className={narrow ? "unseen" : undefined}>
          {now ? t(`tour.${now.code}.text`) : t("tour.over.text")}
        </Text>
      </div>
      <Group gap="xs" wrap="nowrap" flex="none">
        {!narrow && (
          <Anchor
            component={Link}
            size="sm"
            c="inherit"
            underline="always"
            to={`/guide/${now?.guide ?? "what-it-is"}`}
          >
            {t("tour.more")}
          </Anchor>
        )}
        {now ? (
          <Tooltip label={t("tour.here")} disabled={!there}>
            <Button
              size="xs"
              variant="default"
              onClick={() => router.history.push(now.to)}
              data-disabled={there || undefined}
              aria-disabled={there || undefined}
            >
              {t("tour.go")}
            </Button>
          </Tooltip>
        ) : (
          <Button size="xs" variant="default" onClick={tour.again}>
            {t("tour.again")}
          </Button>
        )}
        <Tooltip label={t("tour.leave")}>
          <ActionIcon variant="subtle" color="gray" aria-label={t("tour.leave")} onClick={tour.leave}>
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}

/** How far, and behind it every step. */
function Steps({ steps, at }: { steps: TourStep[]; at: number }) {
  const { t } = useTranslation();
  const tour = useTour();
  const router = useRouter();
  const [opened, setOpened] = useState(false);
  const done = steps.filter((s) => s.done).length;
  const go = (to: string) => {
    setOpened(false);
    router.history.push(to);
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="top-start"
      width={340}
      hideDetached={false}
      transitionProps={{ duration: 0 }}
      trapFocus
    >
      <Popover.Target>
        <UnstyledButton className="tour-count tabular" onClick={() => setOpened(!opened)}>
          <Text span size="sm" fw={650}>
            {t("tour.title")}
          </Text>{" "}
          <Text span size="sm">
            {`${done} / ${steps.length}`}
          </Text>{" "}
          <span className="unseen">{t("tour.steps")}</span>
          <IconChevronUp size={14} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <ScrollArea.Autosize mah="min(60vh, 32rem)">
          <ol className="plain">
            {steps.map((s, i) => {
              const Icon = s.done ? IconCheck : i === at ? IconCircleDot : IconCircle;
              return (
                <li key={s.code}>
                  <UnstyledButton
                    className="tour-step"
                    onClick={() => go(s.to)}
                    aria-current={i === at ? "step" : undefined}
                  >
                    <ThemeIcon
                      size={18}
                      radius="xl"
                      variant="transparent"
                      color={s.done ? "green" : i === at ? "blue" : "gray"}
                    >
                      <Icon size={15} aria-label={s.done ? t("tour.done") : undefined} />
                    </ThemeIcon>
                    <Text span size="sm" fw={i === at ? 600 : 400} c={s.done ? "dimmed" : undefined}>
                      {t(`tour.${s.code}.title`)}
                    </Text>
                  </UnstyledButton>
                </li>
              );
            })}
          </ol>
        </ScrollArea.Autosize>
        <Group justify="space-between" mt="xs" px={6}>
          <Text size="xs" c="dimmed" maw={200}>
            {t("tour.how")}
          </Text>
          <Button size="compact-xs" variant="subtle" onClick={tour.again}>
            {t("tour.again")}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
