import {
  ActionIcon,
  AppShell,
  Box,
  Button,
  Group,
  Kbd,
  NavLink,
  rem,
  Stack,
  Text,
  Tooltip,
} from "@mantine/core";
import {
  IconArrowLeft,
  IconArrowRight,
  IconArrowsExchange,
  IconBook,
  IconFileCheck,
  IconHome,
  IconListDetails,
  IconRocket,
  IconSearch,
  IconServer2,
  IconSettings,
  IconShieldCheck,
  IconUsers,
  type TablerIcon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, Outlet, useLocation } from "@tanstack/react-router";
import { memo } from "react";
import { Fault } from "@/api/fault";
import { today } from "@/api/home";
import type { workspace } from "@/api/models";
import { state } from "@/api/workspaces";
import { FaultAlert } from "@/components/FaultAlert";
import { keysOf } from "@/components/keys";
import { Mark } from "@/components/Mark";
import { usePreference } from "@/components/use-preference";
import { useTour } from "@/components/use-tour-kept";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { DemoStrip, Me } from "./ActingAs";
import { useAppearance } from "./appearance";
import { useNoticesHeight } from "./Notices";
import { openPalette, Palette } from "./Palette";
import { useLastPlace, useNarrow, useTravel } from "./places";
import { Shortcuts } from "./Shortcuts";
import { StatusBar } from "./StatusBar";
import { Tour } from "./Tour";
import { Tray } from "./Tray";
import { useCommands } from "./use-commands";
import { useKeptFocus } from "./use-kept-focus";
import { useOpenedFile } from "./use-opened-file";

type Place = { to: string; word: string; icon: TablerIcon };

const places: Place[] = [
  { to: "/", word: "home", icon: IconHome },
  { to: "/change-requests", word: "requests", icon: IconFileCheck },
  { to: "/deployments", word: "deployments", icon: IconRocket },
  { to: "/environments", word: "environments", icon: IconServer2 },
  { to: "/audit-trail", word: "trail", icon: IconListDetails },
  { to: "/policies", word: "policies", icon: IconShieldCheck },
  { to: "/members", word: "members", icon: IconUsers },
  { to: "/exchange", word: "exchange", icon: IconArrowsExchange },
];

const below: Place[] = [
  { to: "/guide", word: "guide", icon: IconBook },
  { to: "/settings", word: "settings", icon: IconSettings },
];

const askedAgainInMs = 500;

/** The window's frame. Without an open workspace there is only the first page. */
export function Shell() {
  return (
    <>
      <FocusKeeper />
      <Opened />
    </>
  );
}

/** Another place is no reason to draw the frame again, so what follows the places draws nothing. */
function FocusKeeper() {
  useKeptFocus();
  return null;
}

/** A file that Countersign was opened with is shown, whatever was on the screen. */
function OpenedFile() {
  useOpenedFile();
  return null;
}

function PlaceKeeper({ workspace }: { workspace: string }) {
  useLastPlace(workspace);
  return null;
}

function Opened() {
  const { t } = useTranslation();
  useAppearance();
  // While the demo's story is prepared, how far it is.
  const open = useQuery({
    ...state,
    refetchInterval: (q) => (q.state.data?.preparing ? askedAgainInMs : false),
  });
  const atStart = useLocation({ select: (l) => l.pathname === "/start" });
  if (open.isError && !open.data)
    return (
      <Box p={32} maw={720} component="main">
        <FaultAlert
          title={t("shell.notOpen")}
          fault={Fault.from(open.error)}
          onRetry={() => open.refetch()}
          retrying={open.isFetching}
        />
      </Box>
    );
  if (!open.data)
    return (
      <Box p={32} maw={720} component="main">
        <Waiting label={t("shell.opening")} labelFor={(seconds) => t("shell.openingFor", { seconds })} />
      </Box>
    );
  if (!open.data.open || open.data.preparing) return atStart ? <Outlet /> : <Navigate to="/start" replace />;
  if (atStart) return <Navigate to="/" replace />;
  return <Frame state={open.data} key={open.data.id} />;
}

function Frame({ state }: { state: workspace.State }) {
  const { t } = useTranslation();
  const [textSize] = usePreference("text.size", "100");
  const narrow = useNarrow(textSize);
  const run = useCommands();
  const tour = useTour();
  const notices = useNoticesHeight();
  const foot = rem(tour.opened ? 26 + (narrow ? 46 : 66) : 26);
  return (
    <AppShell
      navbar={{ width: narrow ? "calc(1.75rem + 24px)" : 208, breakpoint: 0 }}
      header={{ height: state.demo ? 80 : 48 }}
      footer={{ height: notices > 0 ? `calc(${foot} + ${notices}px)` : foot }}
      padding={0}
      layout="alt"
      transitionDuration={0}
    >
      <PlaceKeeper workspace={state.id} />
      <OpenedFile />
      <button type="button" className="skip" onClick={() => document.getElementById("main")?.focus()}>
        {t("shell.skip")}
      </button>
      <AppShell.Navbar aria-label={t("shell.navigation")} className="navbar" p={narrow ? "calc(6px)" : "sm"}>
        <Group gap={10} px={narrow ? "calc(7px)" : 6} py={4} mb="sm" wrap="nowrap">
          <Mark size={narrow ? 26 : 28} />
          {!narrow && (
            <Box style={{ minWidth: 0 }}>
              <Text fw={650} fz={rem(15)} lh={1.2}>
                {t("shell.name")}
              </Text>
              <Text size="xs" c="dimmed" lh={1.3} truncate="end" title={state.name}>
                {state.demo ? t("shell.demo") : state.name}
              </Text>
            </Box>
          )}
        </Group>
        <Stack gap={2} flex={1} className="nav">
          {places.map((place) => (
            <PlaceLink key={place.to} {...place} narrow={narrow} />
          ))}
          <Box flex={1} />
          {below.map((place) => (
            <PlaceLink key={place.to} {...place} narrow={narrow} />
          ))}
        </Stack>
        {!narrow && <Me />}
      </AppShell.Navbar>
      <AppShell.Header className="top">
        <DemoStrip narrow={narrow} />
        <ToolBar run={run} />
      </AppShell.Header>
      <AppShell.Main className="page" id="main" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
      <AppShell.Footer className="foot">
        <div style={{ flex: "none", height: notices }} />
        <Tour narrow={narrow} />
        <div className="status-bar">
          <StatusBar />
        </div>
      </AppShell.Footer>
      <Palette run={run} />
      <Shortcuts />
    </AppShell>
  );
}

function PlaceLink({ to, word, icon: Icon, narrow }: Place & { narrow: boolean }) {
  const { t } = useTranslation();
  const name = t(`command.${word}`);
  return (
    <Tooltip label={name} position="right" disabled={!narrow}>
      <NavLink
        component={Link}
        to={to}
        activeOptions={{ exact: to === "/", includeSearch: false }}
        className="nav-link"
        label={narrow ? undefined : name}
        aria-label={narrow ? name : undefined}
        leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
        rightSection={word === "home" && !narrow ? <WaitingCount /> : undefined}
      />
    </Tooltip>
  );
}

/** How much waits for the person. */
function WaitingCount() {
  const { t } = useTranslation();
  const { data: count = 0 } = useQuery({ ...today, select: (day) => day.waiting.length });
  if (count === 0) return null;
  return (
    <Text span size="xs" fw={600} className="count tabular">
      <span aria-hidden>{count}</span>
      <span className="unseen"> {t("shell.waiting", { count })}</span>
    </Text>
  );
}

/** Back and forward, the way to everything, and what runs. */
const ToolBar = memo(function ToolBar({ run }: { run: (id: string) => void }) {
  const { t } = useTranslation();
  return (
    <Group className="tool-bar" px="md" justify="space-between" wrap="nowrap">
      <Travel run={run} />
      <Button
        variant="default"
        size="xs"
        className="palette-button"
        fw={400}
        styles={{ label: { flex: 1, textAlign: "start" } }}
        leftSection={<IconSearch size={15} stroke={1.7} aria-hidden />}
        aria-keyshortcuts="Control+K Meta+K"
        rightSection={
          <Kbd size="xs" aria-hidden>
            {keysOf("mod+K")}
          </Kbd>
        }
        onClick={openPalette}
      >
        {t("shell.search")}
      </Button>
      <Group gap="xs" wrap="nowrap" className="tool-end">
        <Tray />
      </Group>
    </Group>
  );
});

function Travel({ run }: { run: (id: string) => void }) {
  const { t } = useTranslation();
  const travel = useTravel();
  const step = (id: "back" | "forward", Icon: TablerIcon) => (
    <Tooltip
      label={t("shell.withKeys", {
        what: t(`command.${id}`),
        keys: keysOf(id === "back" ? "alt+ArrowLeft" : "alt+ArrowRight"),
      })}
    >
      <ActionIcon
        variant="subtle"
        color="gray"
        className="quiet"
        aria-label={t(`command.${id}`)}
        disabled={!travel[id]}
        onClick={() => run(id)}
      >
        <Icon size={18} stroke={1.7} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <Group gap={4} wrap="nowrap">
      {step("back", IconArrowLeft)}
      {step("forward", IconArrowRight)}
    </Group>
  );
}
