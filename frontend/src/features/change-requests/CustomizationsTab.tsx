import { Alert, Box, Button, Checkbox, Group, Select, Text } from "@mantine/core";
import { IconComponents, IconFileImport, IconPlus, IconTrash } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { addCustomizations, contentAt, importManifest, removeCustomizations } from "@/api/change-requests";
import { governance, type workspace } from "@/api/models";
import { bare, keyOf } from "@/components/customization";
import { EmptyState } from "@/components/EmptyState";
import { FaultAlert } from "@/components/FaultAlert";
import { SearchField } from "@/components/SearchField";
import { useAct } from "@/components/use-act";
import { useWindow } from "@/components/use-window";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import { ContentHead, ContentLine } from "./ContentLine";
import { useAnswer } from "./Files";
import { PickerDialog } from "./PickerDialog";
import { ProposeDialog } from "./ProposeDialog";
import { usePicks } from "./picks";
import { useCut } from "./use-cut";

const { Change } = governance;

/** The customizations of a request: found, picked several at once, added, proposed, changed and removed. */
export function CustomizationsTab({ view, editable }: { view: workspace.RequestView; editable: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const id = view.request.id;
  const asked = search.text ?? "";
  const type = search.type ?? "";
  const list = useWindow<workspace.ContentItem, workspace.ContentPage>((offset) =>
    contentAt(id, { text: asked, type }, offset),
  );
  const cut = useCut();
  const { picks, pick, has, toggleAll, clear, reading } = usePicks(keyOf, list, cut);
  const put = (part: Record<string, string | undefined>) =>
    navigate({ to: "/change-requests/$id", params: { id }, search: { ...search, ...part }, replace: true });
  const onDone = useAnswer();
  const act = useAct((all: governance.Customization[]) => addCustomizations(id, all), { onDone });
  const remove = useAct((all: governance.Customization[]) => removeCustomizations(id, all), {
    onDone: (answer) => {
      onDone(answer);
      clear();
    },
    done: () => t("changeRequests.content.removed"),
  });
  const importFile = useAct(() => importManifest(id), { onDone });
  const own = [...picks.values()].filter((item) => !item.manifest);
  const take = () => own.length > 0 && !remove.isPending && remove.mutate(own.map(bare));
  const change = (to: governance.Change) =>
    act.mutate(
      [...picks.values()].filter((item) => item.name !== "*").map((item) => ({ ...bare(item), action: to })),
    );
  const dialog = editable ? search.item : undefined;
  const close = () => put({ item: undefined });

  return (
    <Box>
      <Group gap="xs" mb="xs">
        {view.count > 0 && (
          <>
            <SearchField
              aria-label={t("changeRequests.content.search")}
              size="xs"
              flex="1 1 160px"
              maw={320}
              text={asked}
              onText={(text) => void put({ text: text || undefined })}
            />
            <Select
              aria-label={t("changeRequests.content.type")}
              placeholder={t("changeRequests.content.allTypes")}
              size="xs"
              w={210}
              clearable
              searchable
              clearButtonProps={{ "aria-label": t("changeRequests.content.allTypes") }}
              data={(list.first?.types ?? []).map((one) => ({
                value: one.type,
                label: `${one.type} (${one.count})`,
              }))}
              value={type || null}
              onChange={(to) => put({ type: to ?? undefined })}
              comboboxProps={{ transitionProps: { duration: 0 } }}
            />
          </>
        )}
        {editable && (
          <Group gap="xs" ml="auto">
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={15} aria-hidden />}
              onClick={() => put({ item: "add" })}
            >
              {t("changeRequests.add")}
            </Button>
            <Button size="xs" variant="default" onClick={() => put({ item: "propose" })}>
              {t("changeRequests.propose.open")}
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconFileImport size={15} aria-hidden />}
              onClick={() => importFile.mutate()}
            >
              {t("changeRequests.manifests.import")}
            </Button>
          </Group>
        )}
      </Group>
      {picks.size > 0 && (
        <Bar
          count={picks.size}
          fixed={picks.size - own.length}
          onChange={change}
          onRemove={take}
          onClear={clear}
          pending={act.isPending || remove.isPending}
        />
      )}
      <Box
        className="list-frame"
        h="max(300px, calc(100dvh - 476px))"
        style={{ opacity: list.stale ? 0.6 : 1 }}
      >
        {list.fault && (
          <Box p="md">
            <FaultAlert
              title={t("changeRequests.content.notListed")}
              fault={list.fault}
              onRetry={() => list.again()}
            />
          </Box>
        )}
        {list.pending && <Waiting label={t("changeRequests.content.reading")} />}
        {list.first && list.total === 0 && (
          <EmptyState
            icon={IconComponents}
            title={t(view.count > 0 ? "changeRequests.content.noneFound" : "changeRequests.content.none")}
            text={t(
              view.count > 0
                ? "changeRequests.content.noneFoundText"
                : editable
                  ? "changeRequests.content.noneText"
                  : "changeRequests.content.noneLocked",
            )}
          />
        )}
        {list.total > 0 && (
          <VirtualList
            question={list.question}
            items={list.items}
            keyOf={keyOf}
            rowHeight={46}
            label={t("changeRequests.tab.customizations")}
            head={
              <ContentHead
                before={
                  editable && (
                    <Checkbox
                      size="xs"
                      aria-label={t("changeRequests.content.pickAll")}
                      checked={picks.size > 0 && picks.size >= list.total}
                      indeterminate={picks.size > 0 && picks.size < list.total}
                      onChange={toggleAll}
                    />
                  )
                }
              />
            }
            row={(item) => <ContentLine item={item} pickable={editable} picked={has(item)} />}
            picked={editable ? has : undefined}
            onPick={editable ? pick : undefined}
            onPickAll={editable ? toggleAll : undefined}
            onKey={editable ? { Delete: () => take() } : undefined}
            onSeen={list.onSeen}
          />
        )}
      </Box>
      <Group gap="md" mt={6} fz="xs" c="dimmed" justify="space-between">
        <Text size="xs" className="tabular" aria-live="polite">
          {reading && `${t("changeRequests.content.readingPicks")} · `}
          {t("changeRequests.content.count", { count: list.total })}
          {view.count > 0 &&
            ` · ${t("changeRequests.content.split", { existing: view.existing, proposed: view.count - view.existing })}`}
        </Text>
        <Text size="xs" component="span">
          {view.inventory.environmentId ? (
            <>
              {t("changeRequests.content.told", { name: view.inventory.name })}{" "}
              <When at={view.inventory.at} />
            </>
          ) : (
            <Link to="/environments">{t("changeRequests.content.notScanned")}</Link>
          )}
        </Text>
      </Group>
      <PickerDialog
        view={view}
        opened={dialog === "add"}
        onClose={close}
        onPropose={() => put({ item: "propose" })}
      />
      <ProposeDialog view={view} opened={dialog === "propose"} onClose={close} />
    </Box>
  );
}

type BarProps = {
  count: number;
  fixed: number;
  pending: boolean;
  onChange: (change: governance.Change) => void;
  onRemove: () => void;
  onClear: () => void;
};

/** What can be done with what is picked. */
function Bar({ count, fixed, pending, onChange, onRemove, onClear }: BarProps) {
  const { t } = useTranslation();
  return (
    <Alert
      variant="light"
      p={6}
      px="sm"
      mb="xs"
      role="toolbar"
      aria-label={t("changeRequests.content.picked", { count })}
    >
      <Group gap="xs">
        <Text size="sm" fw={550} className="tabular">
          {t("changeRequests.content.picked", { count })}
        </Text>
        <Text size="sm" c="dimmed">
          {t("changeRequests.content.set")}
        </Text>
        <Button.Group>
          {[Change.Add, Change.Change, Change.Delete].map((change) => (
            <Button
              key={change}
              size="compact-sm"
              variant="default"
              disabled={pending}
              onClick={() => onChange(change)}
            >
              {t(`change.${change}`)}
            </Button>
          ))}
        </Button.Group>
        <Button
          size="compact-sm"
          variant="default"
          disabled={pending || fixed === count}
          leftSection={<IconTrash size={14} aria-hidden />}
          onClick={onRemove}
        >
          {t("changeRequests.content.remove")}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={onClear}>
          {t("changeRequests.content.clear")}
        </Button>
        {fixed > 0 && (
          <Text size="xs" c="dimmed">
            {t("changeRequests.content.fixed", { count: fixed })}
          </Text>
        )}
      </Group>
    </Alert>
  );
}
