import { Alert, Button, Group, Kbd, List, Paper, Radio, Stack, Text } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconClockExclamation,
  IconCornerUpLeft,
  IconUserShare,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { doOnRequest, remindOfRequest } from "@/api/change-requests";
import { delegations } from "@/api/delegations";
import { doOnRecord, remindOfRecord } from "@/api/deployment-records";
import { today } from "@/api/home";
import { governance, type workspace } from "@/api/models";
import { DelegateDialog } from "@/components/DelegateDialog";
import { NextBar } from "@/components/NextBar";
import { RemindButton } from "@/components/ReminderDialog";
import { SignDialog } from "@/components/SignDialog";
import { TaskLink } from "@/components/TaskLink";
import { keyOfAct, useAct } from "@/components/use-act";
import { useNextKey } from "@/components/use-next-key";
import { useSaid, useWhy } from "@/components/use-said";
import { useWorkspace } from "@/components/use-workspace";
import { useTranslation } from "@/i18n/use-translation";
import { can, type Subject } from "./subject";
import { useDecisionActions } from "./use-decision-actions";

const { Approve, Reject, Recall, Reopen, Withdraw } = governance.Action;

type Wanted = typeof Approve | typeof Reject | typeof Recall | typeof Reopen | typeof Withdraw;

type Props = { subject: Subject; seen: number; total: number; warnings: string[] };

/** What is next and the decision of the person who acts; another one on the same page decides anew. */
export function Decision(props: Props) {
  const { me } = useWorkspace();
  const first = useRef(me?.id);
  first.current ??= me?.id; // that the workspace was read is no other person
  return <OfPerson key={me?.id === first.current ? "first" : me?.id} {...props} />;
}

/** Approve and Reject, Recall for an author, Reopen when an approval expired. */
function OfPerson({ subject, seen, total, warnings }: Props) {
  const { t } = useTranslation();
  const say = useWhy();
  const [asked, setAsked] = useState<Wanted>();
  const [done, setDone] = useState<Wanted>();
  const act = useAct(
    async (wish: workspace.Wish) => {
      if (subject.kind === "request") await doOnRequest(subject.id, wish);
      else await doOnRecord(subject.id, wish);
    },
    {
      key: keyOfAct.lifecycle(subject.id),
      onDone: (_, wish) => {
        setAsked(undefined);
        setDone(wish.action as Wanted);
      },
    },
  );
  const pending = subject.status === governance.Status.PendingApproval;
  const approve = can(subject, Approve);
  const reject = can(subject, Reject);
  const recall = can(subject, Recall);
  const reopen = can(subject, Reopen);
  const withdraw = can(subject, Withdraw);
  const [reassigning, reassign] = useState(false);
  const given = useQuery({ ...delegations, enabled: pending });
  const [proxy, setProxy] = useState("");
  const ask = (action: Wanted) => {
    const state = can(subject, action);
    if (!may(state) || act.isPending) return;
    setProxy(state?.allowed ? "" : (state?.for?.[0]?.delegation ?? ""));
    setAsked(action);
  };
  useDecisionActions(subject, !done, ask);

  const reopens = reopen?.allowed && (subject.seats.expired || subject.status === governance.Status.Rejected);
  const reminds = pending && !may(approve); // whose turn it is decides, and reminds nobody
  const reassigns = pending && approve?.allowed && given.data?.canGive;
  const why = pending && approve && !may(approve) ? say.action(approve) : "";
  const state = asked && can(subject, asked);
  return (
    <Stack gap="xs">
      {done ? (
        <After subject={subject} done={done} />
      ) : (
        <NextBar next={subject.next}>
          {pending && (
            <>
              <Choice
                pending={act.isPending}
                state={reject}
                keys="R"
                onClick={() => ask(Reject)}
                color="red"
                variant="default"
              >
                {t("review.reject")}
              </Choice>
              <Choice
                pending={act.isPending}
                state={approve}
                keys="A"
                onClick={() => ask(Approve)}
                variant="filled"
              >
                {t("review.approve")}
              </Choice>
            </>
          )}
          {reopens && (
            <Button size="sm" onClick={() => ask(Reopen)}>
              {t("review.reopen")}
            </Button>
          )}
        </NextBar>
      )}
      {(why || reminds || reassigns || withdraw?.allowed || (pending && recall?.allowed)) && !done && (
        <Group gap="xs" px="md">
          <Text size="sm" c="dimmed" flex={1}>
            {why}
          </Text>
          {reminds && (
            <RemindButton
              remind={() =>
                subject.kind === "request" ? remindOfRequest(subject.id) : remindOfRecord(subject.id)
              }
            />
          )}
          {reassigns && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconUserShare size={15} aria-hidden />}
              onClick={() => reassign(true)}
            >
              {t("delegation.reassign")}
            </Button>
          )}
          {withdraw?.allowed && (
            <Button size="compact-sm" variant="subtle" onClick={() => ask(Withdraw)}>
              {t("review.withdraw")}
            </Button>
          )}
          {pending && recall?.allowed && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconCornerUpLeft size={15} aria-hidden />}
              onClick={() => ask(Recall)}
            >
              {t("review.recall")}
            </Button>
          )}
        </Group>
      )}
      {subject.seats.expired && (
        <Alert color="yellow" variant="light" p="xs" icon={<IconClockExclamation aria-hidden />}>
          {t(reopen?.allowed ? "review.expiredReopen" : "review.expired")}
          {!reopen?.allowed && reopen?.why && ` ${say.action(reopen)}`}
        </Alert>
      )}
      {subject.trouble.length > 0 && (
        <Alert
          color="red"
          variant="light"
          p="xs"
          icon={<IconAlertTriangle aria-hidden />}
          title={t("review.trouble")}
        >
          <List size="sm">
            {subject.trouble.map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <DelegateDialog opened={reassigning} onClose={() => reassign(false)} subject={subject} />
      <SignDialog
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={asked ? t(`review.ask.${asked}`, { label: subject.label }) : ""}
        subject={`${subject.label} ${subject.name}`}
        digest={subject.digest}
        target={subject.target}
        approves={asked === Approve}
        needsReason={asked === Reject || state?.needsReason}
        ready={!state?.for?.length || state.allowed || proxy !== ""}
        reasonLabel={asked === Reject ? t("review.reasonToReject") : undefined}
        button={asked ? t(`review.${asked}`) : ""}
        color={asked === Reject ? "red.9" : undefined}
        pending={act.isPending}
        onSign={({ reason }) =>
          asked && act.mutate({ action: asked, reason, seen: subject.digest, delegation: proxy || undefined })
        }
      >
        {state && <InWhosePlace state={state} value={proxy} onChange={setProxy} />}
        {asked === Approve && <BeforeApproving seen={seen} total={total} warnings={warnings} />}
        {asked && asked !== Approve && <Text size="sm">{t(`review.effect.${asked}`)}</Text>}
      </SignDialog>
    </Stack>
  );
}

/** Whether the person may do it in the own place or in another's. */
const may = (state?: governance.ActionState) => Boolean(state?.allowed || state?.for?.length);

type PlaceProps = { state: governance.ActionState; value: string; onChange: (delegation: string) => void };

/** Whose vote it is: the person's own, or that of somebody who delegated it. */
function InWhosePlace({ state, value, onChange }: PlaceProps) {
  const { t } = useTranslation();
  const { state: all } = useWorkspace();
  const proxies = state.for ?? [];
  if (proxies.length === 0) return null;
  const name = (id: string) => all?.members.find((m) => m.id === id)?.name ?? id;
  return (
    <Radio.Group label={t("review.whose")} value={value} onChange={onChange}>
      <Stack gap={6} mt={4}>
        {state.allowed && <Radio value="" label={t("review.own")} />}
        {proxies.map((proxy) => (
          <Radio
            key={proxy.delegation}
            value={proxy.delegation}
            label={t("review.inPlaceOf", { name: name(proxy.member) })}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

type ChoiceProps = {
  state?: governance.ActionState;
  pending: boolean;
  keys: string;
  onClick: () => void;
  color?: string;
  variant: string;
  children: ReactNode;
};

/** A button with its key; what may not be pressed stays reachable and says why. */
function Choice({ state, pending, keys, onClick, color, variant, children }: ChoiceProps) {
  const say = useWhy();
  const allowed = may(state);
  return (
    <Button
      size="sm"
      variant={allowed ? variant : "default"}
      color={color}
      c={allowed && color ? "var(--mantine-color-red-light-color)" : undefined}
      loading={pending}
      data-disabled={!allowed || undefined}
      aria-disabled={!allowed}
      title={allowed || !state ? undefined : say.action(state)}
      onClick={onClick}
      rightSection={
        allowed ? (
          <Kbd size="xs" aria-hidden>
            {keys}
          </Kbd>
        ) : undefined
      }
      aria-keyshortcuts={keys}
    >
      {children}
    </Button>
  );
}

function BeforeApproving({ seen, total, warnings }: { seen: number; total: number; warnings: string[] }) {
  const { t } = useTranslation();
  const unseen = total - seen;
  return (
    <>
      <Text size="sm">{t("review.effect.approve")}</Text>
      {(unseen > 0 || warnings.length > 0) && (
        <Alert
          color="yellow"
          variant="light"
          p="xs"
          icon={<IconAlertTriangle aria-hidden />}
          title={t("review.mind")}
        >
          <List size="sm">
            {unseen > 0 && <List.Item>{t("review.unseen", { count: unseen, total })}</List.Item>}
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  );
}

/** A dialog that closes gives the focus back to where it was before; the answer to it takes it then. */
const afterTheDialogInMs = 30;

/** After the decision: where it stands now, and the next thing that waits for this person. */
function After({ subject, done }: { subject: Subject; done: Wanted }) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const say = useSaid("sentences");
  const waits = useQuery(today);
  const next = waits.data?.waiting?.find((task) => task.id !== subject.id);
  const filled = subject.seats.seats.filter((seat) => seat.member).length;
  useEffect(() => {
    const later = setTimeout(() => place.current?.focus(), afterTheDialogInMs);
    return () => clearTimeout(later);
  }, []);
  useNextKey(place);
  return (
    <Paper
      ref={place}
      tabIndex={-1}
      withBorder
      p="sm"
      px="md"
      radius="md"
      className="next-bar"
      role="status"
      aria-label={t("next.label")}
    >
      <Group justify="space-between" gap="md">
        <Group gap="sm" wrap="nowrap" align="flex-start" flex="1 1 300px">
          <IconCircleCheck size={20} stroke={1.7} aria-hidden style={{ flex: "none", marginTop: 2 }} />
          <div>
            <Text size="md" fw={550}>
              {t(`review.done.${done}`, { label: subject.label })}
              {done === Approve &&
                subject.seats.seats.length > 0 &&
                ` ${t("review.filled", { filled, count: subject.seats.seats.length })}`}
            </Text>
            <Text size="sm">{say(subject.next.sentence, subject.next.said)}</Text>
          </div>
        </Group>
        {next ? (
          <Button size="sm" renderRoot={(props) => <TaskLink {...props} task={next} />}>
            {t("review.nextWaiting", { label: next.label })}
          </Button>
        ) : (
          waits.isSuccess && (
            <Group gap="sm">
              <Text size="sm" c="dimmed">
                {t("review.nothingWaits")}
              </Text>
              <Button size="sm" renderRoot={(props) => <Link {...props} to="/" />}>
                {t("review.home")}
              </Button>
            </Group>
          )
        )}
      </Group>
    </Paper>
  );
}
