import {
  ActionIcon,
  Badge,
  Box,
  Button,
  Group,
  Menu,
  Select,
  Text,
  TextInput,
  Title,
  Tooltip,
} from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowsExchange,
  IconBan,
  IconCertificate,
  IconClipboardCopy,
  IconCopy,
  IconDots,
  IconFileExport,
  IconPrinter,
  IconRocket,
  IconTrash,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import {
  deleteRequest,
  duplicateRequest,
  exportManifest,
  exportManifestText,
  remindOfRequest,
  request,
} from "@/api/change-requests";
import { governance, type workspace } from "@/api/models";
import { copyText } from "@/api/settings";
import { EmergencyBadge } from "@/components/EmergencyBadge";
import { keysOf } from "@/components/keys";
import { usePageActions } from "@/components/page-actions";
import { RemindButton } from "@/components/ReminderDialog";
import { StatusBadge } from "@/components/StatusBadge";
import { keyOfAct, useAct, useWaits } from "@/components/use-act";
import { useConfirm } from "@/components/use-confirm";
import { usePrint } from "@/components/use-print";
import { useWhy } from "@/components/use-said";
import { WhyItem } from "@/components/WhyItem";
import { useTranslation } from "@/i18n/use-translation";
import type { useDraft } from "./draft";
import { SaveWord } from "./SaveWord";

const { Action, ChangeType, Status } = governance;

/** The actions that belong to a status, whoever may do them; the others would only be in the way. */
const ofStatus: Record<governance.Status, governance.Action[]> = {
  [Status.InProgress]: [],
  [Status.PendingApproval]: [Action.Recall],
  [Status.Approved]: [Action.Complete, Action.Reopen],
  [Status.Rejected]: [Action.Reopen],
  [Status.Completed]: [],
  [Status.Cancelled]: [],
};

type Props = {
  view?: workspace.RequestView;
  draft: ReturnType<typeof useDraft>;
  editable: boolean;
  undoing: { undo: () => void; redo: () => void; pending: boolean };
  onAction: (action: governance.ActionState) => void;
};

/** Label, name and Change Type, whether all is saved, and the quiet actions. */
export function SheetHead({ view, draft, editable, undoing, onAction }: Props) {
  const { t } = useTranslation();
  const unnamed = useRef(draft.fields.name === "").current;
  const { fields } = draft;
  return (
    <>
      <Group justify="space-between" gap="sm" mb={4}>
        <Group gap="sm">
          <Text span size="sm" c="dimmed" fw={550} className="tabular">
            {view?.label ?? t("changeRequests.new")}
          </Text>
          {view && <StatusBadge status={view.request.status} />}
          {!editable && fields.type === ChangeType.Emergency && <EmergencyBadge />}
          {editable ? (
            <Select
              aria-label={t("changeRequests.type.label")}
              size="xs"
              w={118}
              allowDeselect={false}
              checkIconPosition="right"
              data={[ChangeType.Minor, ChangeType.Standard, ChangeType.Major, ChangeType.Emergency].map(
                (value) => ({
                  value,
                  label: t(`changeType.${value}`),
                }),
              )}
              value={fields.type}
              onChange={(type) => type && draft.edit({ type: type as governance.ChangeType })}
              comboboxProps={{ transitionProps: { duration: 0 }, width: 320, position: "bottom-start" }}
              renderOption={({ option }) => (
                <Box>
                  <Text size="sm" fw={550}>
                    {option.label}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {t(`changeRequests.type.${option.value}`)}
                  </Text>
                </Box>
              )}
            />
          ) : (
            fields.type !== ChangeType.Emergency && (
              <Badge variant="default" radius="sm" tt="none" fw={500}>
                {t(`changeType.${fields.type}`, { defaultValue: fields.type })}
              </Badge>
            )
          )}
        </Group>
        <Group gap="xs">
          {editable && <SaveWord draft={draft} />}
          {editable && view && (
            <>
              <IconAction
                label={t("changeRequests.undo", { keys: keysOf("mod+Z") })}
                icon={IconArrowBackUp}
                onClick={undoing.undo}
                disabled={undoing.pending || (!view.canUndo && draft.word === "kept")}
              />
              <IconAction
                label={t("changeRequests.redo", { keys: keysOf("mod+shift+Z") })}
                icon={IconArrowForwardUp}
                onClick={undoing.redo}
                disabled={undoing.pending || !view.canRedo}
              />
            </>
          )}
          {view && <Quiet view={view} onAction={onAction} />}
          {view && <More view={view} onAction={onAction} flush={draft.flush} />}
        </Group>
      </Group>
      {editable ? (
        <>
          <Title order={1} className="unseen">
            {fields.name || t("changeRequests.new")}
          </Title>
          <TextInput
            aria-label={t("changeRequests.name")}
            placeholder={t("changeRequests.nameHint")}
            value={fields.name}
            onChange={(e) => draft.edit({ name: e.currentTarget.value })}
            onBlur={() => void draft.flush()}
            data-autofocus={unnamed || undefined}
            ref={(field) => {
              if (field && unnamed && !field.dataset.focused) {
                field.dataset.focused = "once";
                field.focus();
              }
            }}
            maxLength={255}
            mb="sm"
            variant="unstyled"
            classNames={{ input: "title-field" }}
          />
        </>
      ) : (
        <Title order={1} fz={22} lh={1.3} mb="sm" style={{ overflowWrap: "anywhere" }}>
          {fields.name || t("changeRequests.noName")}
        </Title>
      )}
    </>
  );
}

function IconAction(p: { label: string; icon: typeof IconDots; onClick: () => void; disabled?: boolean }) {
  const Icon = p.icon;
  return (
    <Tooltip label={p.label} openDelay={300}>
      <ActionIcon
        variant="default"
        size="md"
        aria-label={p.label}
        data-disabled={p.disabled || undefined}
        aria-disabled={p.disabled || undefined}
        onClick={() => !p.disabled && p.onClick()}
      >
        <Icon size={17} stroke={1.7} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

/** The actions of this status that are allowed and not the next step; Cancel is in the menu. */
function Quiet({ view, onAction }: { view: workspace.RequestView; onAction: Props["onAction"] }) {
  const { t } = useTranslation();
  const waits = useWaits(keyOfAct.lifecycle(view.request.id));
  const quiet = view.actions.filter(
    ({ action, allowed }) =>
      allowed &&
      action !== view.next.action &&
      action !== Action.Cancel &&
      action !== Action.Submit &&
      action !== Action.Approve &&
      action !== Action.Reject,
  );
  const deployable = view.request.status === Status.Approved && view.next.action !== "new-record";
  const reviewable = view.request.status === Status.PendingApproval && view.next.action !== Action.Approve;
  return (
    <>
      {reviewable && (
        <Button
          component={Link}
          to="/change-requests/$id/review"
          params={{ id: view.request.id } as never}
          variant="default"
          size="xs"
        >
          {t("changeRequests.open")}
        </Button>
      )}
      {view.canRemind && <RemindButton remind={() => remindOfRequest(view.request.id)} />}
      {quiet.map((action) => (
        <Button
          key={action.action}
          variant="default"
          size="xs"
          loading={waits}
          onClick={() => onAction(action)}
        >
          {t(`changeRequests.action.${action.action}`)}
        </Button>
      ))}
      {deployable && (
        <Button
          component={Link}
          to="/deployments/new"
          search={{ request: view.request.id } as never}
          variant="default"
          size="xs"
          leftSection={<IconRocket size={14} aria-hidden />}
        >
          {t("changeRequests.deploy")}
        </Button>
      )}
    </>
  );
}

/** Whatever is not said in a button: also what cannot be done now, with its reason. */
function More({
  view,
  onAction,
  flush,
}: {
  view: workspace.RequestView;
  onAction: Props["onAction"];
  flush: () => Promise<boolean>;
}) {
  const { t } = useTranslation();
  const why = useWhy();
  const navigate = useNavigate();
  const client = useQueryClient();
  const id = view.request.id;
  const waits = useWaits(keyOfAct.lifecycle(id));
  const duplicate = useAct(() => duplicateRequest(id), {
    onDone: (made) => {
      client.setQueryData(request(made.request.id).queryKey, made);
      void navigate({ to: "/change-requests/$id", params: { id: made.request.id } });
    },
    done: (made) => t("changeRequests.duplicated", { label: made.label }),
  });
  const remove = useAct(
    async () => {
      await navigate({ to: "/change-requests", replace: true }); // the page of what is gone would ask for it again
      await deleteRequest(id);
      client.removeQueries({ queryKey: request(id).queryKey });
    },
    { done: () => t("changeRequests.deleted", { label: view.label }) },
  );
  const save = useAct(() => exportManifest(id), {
    done: (name) => (name ? t("changeRequests.exported", { name }) : ""),
  });
  const copy = useAct(async () => copyText(await exportManifestText(id)), {
    done: () => t("changeRequests.manifestCopied"),
  });
  const print = usePrint();
  const confirm = useConfirm();
  const confirmDelete = async () => {
    const goes = await confirm({
      title: t("changeRequests.delete.title", { label: view.label }),
      text: t("changeRequests.delete.text"),
      yes: t("changeRequests.delete.yes"),
      red: true,
    });
    if (goes) remove.mutate();
  };
  const others = view.actions.filter(
    ({ action, allowed }) =>
      action === Action.Cancel || (!allowed && ofStatus[view.request.status].includes(action)),
  );
  const saved = (act: () => void) => async () => {
    if (await flush()) act();
  };
  const exchange = (tab: string) => () => void navigate({ to: "/exchange", search: { tab, request: id } });
  const send = exchange("send");
  const evidence = exchange("evidence");
  usePageActions(`${view.label} ${view.request.name}`.trim(), [
    { id: "duplicate", busy: duplicate.isPending, run: saved(() => duplicate.mutate()) },
    { id: "export", busy: save.isPending, run: saved(() => save.mutate()) },
    { id: "copy-manifest", busy: copy.isPending, run: saved(() => copy.mutate()) },
    { id: "print", keys: "mod+P", busy: print.isPending, run: saved(() => print.mutate()) },
    { id: "send", run: saved(send) },
    { id: "evidence", run: saved(evidence) },
    view.canDelete && { id: "delete", run: confirmDelete },
  ]);
  return (
    <Menu position="bottom-end" width={300} transitionProps={{ duration: 0 }} closeOnItemClick>
      <Menu.Target>
        <ActionIcon variant="default" size="md" aria-label={t("common.more")} title={t("common.more")}>
          <IconDots size={17} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy size={15} aria-hidden />} onClick={saved(() => duplicate.mutate())}>
          {t("changeRequests.duplicate")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconFileExport size={15} aria-hidden />}
          onClick={saved(() => save.mutate())}
        >
          {t("changeRequests.export")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconClipboardCopy size={15} aria-hidden />}
          onClick={saved(() => copy.mutate())}
        >
          {t("changeRequests.copyManifest")}
        </Menu.Item>
        <Menu.Item leftSection={<IconPrinter size={15} aria-hidden />} onClick={() => print.mutate()}>
          {t("changeRequests.print")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconArrowsExchange size={15} aria-hidden />} onClick={saved(send)}>
          {t("action.send")}
        </Menu.Item>
        <Menu.Item leftSection={<IconCertificate size={15} aria-hidden />} onClick={saved(evidence)}>
          {t("action.evidence")}
        </Menu.Item>
        <Menu.Divider />
        {others.map((action) => (
          <WhyItem
            key={action.action}
            leftSection={action.action === Action.Cancel ? <IconBan size={15} aria-hidden /> : undefined}
            allowed={action.allowed && !waits}
            why={why.action(action)}
            onClick={() => onAction(action)}
          >
            {t(`changeRequests.action.${action.action}`)}
          </WhyItem>
        ))}
        {view.canDelete && (
          <Menu.Item color="red.9" leftSection={<IconTrash size={15} aria-hidden />} onClick={confirmDelete}>
            {t("changeRequests.delete.action")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
