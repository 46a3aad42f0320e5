import {
  Box,
  Button,
  Flex,
  Group,
  Kbd,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconRefresh, IconSearch, IconStack2, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { addCustomizations, wholeContent } from "@/api/change-requests";
import { environments, inventoryAt, inventorySummary } from "@/api/environments";
import { governance, type store, type workspace } from "@/api/models";
import { keyOf } from "@/components/customization";
import { Dialog } from "@/components/Dialog";
import { EmptyState } from "@/components/EmptyState";
import { FaultAlert } from "@/components/FaultAlert";
import { keysOf } from "@/components/keys";
import { NotRead } from "@/components/NotRead";
import { useAct } from "@/components/use-act";
import { usePreference } from "@/components/use-preference";
import { useWindow } from "@/components/use-window";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { PickMark } from "./ContentLine";
import { useAnswer } from "./Files";
import { InventoryAge } from "./InventoryAge";
import { InventoryHead, InventoryLine } from "./InventoryLine";
import { usePicks, wholeList } from "./picks";
import { useCut } from "./use-cut";

type Props = { view: workspace.RequestView; opened: boolean; onClose: () => void; onPropose: () => void };

const ofType = (one: workspace.TypeCount) => one.type;

/** Customizations are picked from what was scanned in an environment. */
export function PickerDialog(p: Props) {
  const { t } = useTranslation();
  return (
    <Dialog
      opened={p.opened}
      onClose={p.onClose}
      title={t("changeRequests.picker.title", { label: p.view.label })}
      size="min(1480px, 96vw)"
      padding="md"
      classNames={{ content: "tall-dialog", body: "tall-dialog-body" }}
    >
      {p.opened && <Picker {...p} />}
    </Dialog>
  );
}

function Picker({ view, onClose, onPropose }: Props) {
  const { t } = useTranslation();
  const all = useQuery(environments);
  const [liked, like] = usePreference("picker.environment");
  const choices = all.data ?? [];
  const here =
    choices.find((e) => e.environment.id === liked) ??
    choices.find((e) => e.environment.id === view.inventory.environmentId) ??
    choices.find((e) => e.inventory.environmentId && !e.production) ??
    choices[0];
  if (all.error) return <NotRead title={t("changeRequests.picker.noEnvironments")} query={all} />;
  if (all.isPending) return <Waiting />;
  if (!here)
    return (
      <Stack align="center" pb="xl">
        <EmptyState
          icon={IconStack2}
          title={t("changeRequests.picker.noneTitle")}
          text={t("changeRequests.picker.noneText")}
        />
        <Group>
          <Button component={Link} to="/environments">
            {t("changeRequests.picker.toEnvironments")}
          </Button>
          <Button variant="default" onClick={onPropose}>
            {t("changeRequests.propose.open")}
          </Button>
        </Group>
      </Stack>
    );
  return (
    <Inventory
      key={here.environment.id}
      view={view}
      here={here}
      choices={choices}
      onChoose={like}
      onClose={onClose}
      onPropose={onPropose}
    />
  );
}

type InventoryProps = {
  view: workspace.RequestView;
  here: workspace.EnvironmentView;
  choices: workspace.EnvironmentView[];
  onChoose: (id: string) => void;
  onClose: () => void;
  onPropose: () => void;
};

function Inventory({ view, here, choices, onChoose, onClose, onPropose }: InventoryProps) {
  const { t } = useTranslation();
  const id = here.environment.id;
  const scanned = here.inventory.environmentId !== "";
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text, 100);
  const [pack, setPack] = useState<string | null>(null);
  const [by, setBy] = useState<string | null>(null);
  const [sort, setSort] = useState("name");
  const [change, setChange] = useState("");
  const summary = useQuery({ ...inventorySummary(id), enabled: scanned }).data;
  const typeRows = summary?.types ?? [];
  const types = usePicks(ofType, wholeList(typeRows));
  const query = { types: [...types.picks.keys()], text: asked, package: pack ?? "", by: by ?? "", sort };
  const list = useWindow<store.ScanItem, workspace.InventoryPage>(
    (offset) => inventoryAt(id, query, offset),
    scanned,
  );
  const cut = useCut();
  const chosen = usePicks(keyOf, list, cut);
  const inside = useQuery(wholeContent(view.request.id)).data;
  const there = new Set(inside?.map(keyOf));
  const answer = useAnswer();
  const add = useAct(
    () =>
      addCustomizations(
        view.request.id,
        // Without an action the backend says whether each is added or changed, by where it is already.
        [...chosen.picks.values()].map(({ type, name }) => ({
          type,
          name,
          action: change as governance.Change,
        })),
      ),
    {
      onDone: (made) => {
        answer(made);
        onClose();
      },
      done: () => t("changeRequests.picker.added", { count: chosen.picks.size }),
    },
  );
  const send = () => chosen.picks.size > 0 && !add.isPending && add.mutate();
  const place = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []); // the dialog was there before the environments were read
  const press = (e: KeyboardEvent) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      send();
    }
    if (e.key === "/" && !(e.target instanceof HTMLInputElement)) {
      e.preventDefault();
      field.current?.focus();
    }
  };

  return (
    <Flex direction="column" gap="sm" h="100%" mih={0} onKeyDown={press}>
      <Group gap="sm" align="center">
        <Select
          aria-label={t("changeRequests.picker.environment")}
          size="xs"
          w={220}
          allowDeselect={false}
          data={choices.map((e) => ({ value: e.environment.id, label: e.environment.name }))}
          value={id}
          onChange={(to) => to && onChoose(to)}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
        <InventoryAge here={here} />
      </Group>
      <Flex gap="md" flex={1} mih={300}>
        {typeRows.length > 0 && (
          <Stack gap={6} w={216} flex="none" mih={0} className="from-42">
            <Group justify="space-between" h={30}>
              <Text size="xs" fw={550} c="dimmed">
                {t("changeRequests.picker.types")}
              </Text>
              {types.picks.size > 0 && (
                <Button size="compact-xs" variant="subtle" onClick={types.clear}>
                  {t("changeRequests.picker.allTypes")}
                </Button>
              )}
            </Group>
            <Box className="list-frame">
              <VirtualList
                items={typeRows}
                keyOf={ofType}
                rowHeight={28}
                label={t("changeRequests.picker.types")}
                picked={types.has}
                onPick={types.pick}
                row={(one) => (
                  <Group h="100%" gap={6} px={8} wrap="nowrap" fz="sm">
                    <PickMark picked={types.has(one)} />
                    <Text span size="sm" truncate="end" flex={1} title={one.type}>
                      {one.type}
                    </Text>
                    <Text span size="xs" c="dimmed" className="tabular">
                      {one.count}
                    </Text>
                  </Group>
                )}
              />
            </Box>
          </Stack>
        )}
        <Stack gap={6} flex={1} miw={0} mih={0}>
          <Group gap="xs">
            <TextInput
              ref={field}
              data-autofocus
              aria-label={t("changeRequests.picker.search")}
              placeholder={t("changeRequests.picker.search")}
              size="xs"
              flex="1 1 180px"
              leftSection={<IconSearch size={15} aria-hidden />}
              value={text}
              onChange={(e) => setText(e.currentTarget.value)}
              onKeyDown={(e) => {
                if (e.key !== "ArrowDown" && (e.key !== "Enter" || e.ctrlKey || e.metaKey)) return;
                e.preventDefault();
                place.current?.querySelector<HTMLElement>('[role="listbox"]')?.focus();
              }}
              spellCheck={false}
            />
            <Filter
              label={t("changeRequests.picker.by")}
              all={(summary?.people ?? []).map((one) => ({
                value: one.name,
                label: `${one.name} (${one.count})`,
              }))}
              value={by}
              onChange={setBy}
            />
            <Filter
              label={t("changeRequests.picker.package")}
              all={(summary?.packages ?? []).map((one) => ({
                value: one.name || "none",
                label: `${one.name || t("changeRequests.picker.noPackage")} (${one.count})`,
              }))}
              value={pack}
              onChange={setPack}
            />
          </Group>
          <Box ref={place} className="list-frame" style={{ opacity: list.stale ? 0.6 : 1 }}>
            {!scanned && (
              <EmptyState
                icon={IconRefresh}
                title={t("changeRequests.picker.unscannedTitle", { name: here.environment.name })}
                text={t("changeRequests.picker.unscannedText")}
              />
            )}
            {list.fault && (
              <Box p="md">
                <FaultAlert
                  title={t("changeRequests.picker.notListed")}
                  fault={list.fault}
                  onRetry={() => list.again()}
                />
              </Box>
            )}
            {scanned && list.pending && <Waiting />}
            {list.first && list.total === 0 && (
              <Stack align="center">
                <EmptyState
                  icon={IconSearch}
                  title={t("changeRequests.picker.nothingTitle")}
                  text={t("changeRequests.picker.nothingText", { name: here.environment.name })}
                />
                <Button variant="default" mt={-48} onClick={onPropose}>
                  {t("changeRequests.propose.open")}
                </Button>
              </Stack>
            )}
            {list.total > 0 && (
              <VirtualList
                question={list.question}
                items={list.items}
                keyOf={keyOf}
                rowHeight={40}
                label={t("changeRequests.picker.label", { name: here.environment.name })}
                head={<InventoryHead sort={sort} onSort={setSort} />}
                row={(item) => (
                  <InventoryLine item={item} picked={chosen.has(item)} inside={there.has(keyOf(item))} />
                )}
                picked={chosen.has}
                onPick={chosen.pick}
                onPickAll={chosen.toggleAll}
                onSeen={list.onSeen}
              />
            )}
          </Box>
          <Text size="xs" c="dimmed" className="tabular" aria-live="polite">
            {t("changeRequests.picker.shown", { count: list.total })} ·{" "}
            {t(chosen.reading ? "changeRequests.content.readingPicks" : "changeRequests.picker.keys")}
          </Text>
        </Stack>
        <Stack gap={6} w={264} flex="none" mih={0} className="from-62">
          <Group justify="space-between" h={30}>
            <Text size="xs" fw={550} c="dimmed" className="tabular">
              {t("changeRequests.picker.selected", { count: chosen.picks.size })}
            </Text>
            {chosen.picks.size > 0 && (
              <Button size="compact-xs" variant="subtle" onClick={chosen.clear}>
                {t("changeRequests.content.clear")}
              </Button>
            )}
          </Group>
          <Box className="list-frame">
            {chosen.picks.size === 0 ? (
              <Text size="sm" c="dimmed" p="md">
                {t("changeRequests.picker.noneSelected")}
              </Text>
            ) : (
              <VirtualList
                items={[...chosen.picks.values()]}
                keyOf={keyOf}
                rowHeight={40}
                label={t("changeRequests.picker.selectedLabel")}
                onOpen={chosen.drop}
                onKey={{ Delete: chosen.drop, Backspace: chosen.drop }}
                row={(item) => (
                  <Group
                    h="100%"
                    gap={6}
                    px={8}
                    wrap="nowrap"
                    title={t("changeRequests.picker.drop", { name: item.name })}
                  >
                    <Box flex={1} miw={0}>
                      <Text size="sm" lh={1.25} truncate="end">
                        {item.name}
                      </Text>
                      <Text size="xs" lh={1.25} c="dimmed" truncate="end">
                        {item.type}
                      </Text>
                    </Box>
                    <IconX size={14} aria-hidden />
                  </Group>
                )}
              />
            )}
          </Box>
        </Stack>
      </Flex>
      <Group justify="space-between" gap="sm">
        <Group gap="xs">
          <Text size="sm">{t("changeRequests.picker.what")}</Text>
          <SegmentedControl
            size="xs"
            transitionDuration={0}
            aria-label={t("changeRequests.picker.what")}
            value={change}
            onChange={setChange}
            data={[
              { value: "", label: t("changeRequests.picker.addOrChange") },
              { value: governance.Change.Delete, label: t("changeRequests.picker.delete") },
            ]}
          />
        </Group>
        <Group gap="xs">
          <Kbd size="xs">{keysOf("mod+Enter")}</Kbd>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button onClick={send} disabled={chosen.picks.size === 0} loading={add.isPending}>
            {t("changeRequests.picker.add", { count: chosen.picks.size })}
          </Button>
        </Group>
      </Group>
    </Flex>
  );
}

type FilterProps = {
  label: string;
  all: { value: string; label: string }[];
  value: string | null;
  onChange: (to: string | null) => void;
};

function Filter({ label, all, value, onChange }: FilterProps) {
  const { t } = useTranslation();
  return (
    <Select
      aria-label={label}
      placeholder={label}
      size="xs"
      w={170}
      clearable
      searchable
      clearButtonProps={{ "aria-label": t("changeRequests.picker.clearFilter", { label }) }}
      data={all}
      value={value}
      onChange={onChange}
      comboboxProps={{ transitionProps: { duration: 0 } }}
    />
  );
}
