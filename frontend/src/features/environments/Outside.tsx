import { Alert, Anchor, Badge, Box, Button, Checkbox, Group, Paper, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconCheck,
  IconExternalLink,
  IconEyeCheck,
  IconHandClick,
  IconRadar2,
  IconRefresh,
  IconRocket,
  type TablerIcon,
} from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment, useState } from "react";
import { checkOutside, openOutside, outside } from "@/api/environments";
import type { workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { EmptyState } from "@/components/EmptyState";
import { NotRead } from "@/components/NotRead";
import { Segments } from "@/components/Segments";
import { faultHint, faultTitle, useAct } from "@/components/use-act";
import { useSaid } from "@/components/use-said";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { Probable } from "./Probable";
import { ResolveDialog } from "./ResolveDialog";
import { useHeld } from "./use-held";

/** What of a change is said beside a name: that it changed is the rule. */
const hows: Record<string, string> = {
  add: "environments.outside.added",
  delete: "environments.outside.deleted",
};

const kinds: Record<string, TablerIcon> = {
  deployment: IconRocket,
  setup: IconHandClick,
  drift: IconRadar2,
};

/** What was changed in the org that nobody here signed for, and what became of it. */
export function Outside({ view }: { view: workspace.EnvironmentView }) {
  const { t } = useTranslation();
  const say = useSaid("environments");
  const { id, name } = view.environment;
  const held = useHeld(view);
  const [open, setOpen] = useState(true);
  const [chosen, setChosen] = useState<string[]>([]);
  const [resolving, setResolving] = useState(false);
  const list = useInfiniteQuery(outside(id, open));
  const client = useQueryClient();
  const check = useAct(
    (everything: boolean) =>
      checkOutside(id, everything).catch(async (fault) => {
        await client.invalidateQueries({ queryKey: ["outside", id] }); // it says why, too
        throw fault;
      }),
    {
      key: ["outside", id],
      onDone: (answer) =>
        notifications.show({
          message: say(answer.said.text, answer.said),
          color: answer.unread || answer.setupUnread ? "yellow" : "green",
          autoClose: 4000,
          closeButtonProps: { "aria-label": t("common.close") },
        }),
    },
  );
  const page = list.data;
  if (!page)
    return list.isError ? <NotRead title={t("environments.outside.notRead")} query={list} /> : <Waiting />;
  const picked = page.items.filter((c) => !c.resolved && chosen.includes(c.act));
  const all = page.items.filter((c) => !c.resolved);
  const why = page.governed ? held : t("environments.outside.ungoverned");
  const toggle = (act: string) =>
    setChosen((was) => (was.includes(act) ? was.filter((a) => a !== act) : [...was, act]));
  return (
    <Stack gap="md" maw={1080}>
      {list.isError && <NotRead title={t("environments.outside.notRead")} query={list} />}
      <Group justify="space-between" gap="sm">
        <Box>
          <Text size="md">{t("environments.outside.lead")}</Text>
          <Text size="sm" c="dimmed">
            {isKnown(page.until) ? t("environments.outside.until") : t("environments.outside.never")}{" "}
            {isKnown(page.until) && <When at={page.until} />}
          </Text>
        </Box>
        <Group gap="xs">
          <WhyButton
            variant="subtle"
            size="xs"
            allowed={!why}
            why={why}
            loading={check.isPending && check.variables === true}
            onClick={() => check.mutate(true)}
          >
            {t("environments.outside.everything")}
          </WhyButton>
          <WhyButton
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            allowed={!why}
            why={why}
            loading={check.isPending && check.variables === false}
            onClick={() => check.mutate(false)}
          >
            {t("environments.outside.check")}
          </WhyButton>
        </Group>
      </Group>
      {page.closes && page.open > 0 && (
        <Alert color="red" variant="light" p="sm">
          {t("environments.outside.closes", { name })}
        </Alert>
      )}
      {page.unread && (
        <Alert color="red" variant="light" p="sm">
          {t("environments.outside.unread")}
        </Alert>
      )}
      {page.setupUnread && (
        <Alert color="yellow" variant="light" p="sm">
          {t("environments.outside.setupUnread")}
        </Alert>
      )}
      {page.trouble && (
        <Alert color="yellow" variant="light" p="sm">
          {t("environments.outside.trouble")} <When at={page.troubleAt} />. {faultTitle(t, page.trouble)}{" "}
          {faultHint(t, page.trouble)}
        </Alert>
      )}
      <Group justify="space-between" gap="sm">
        <Segments
          label={t("environments.outside.show")}
          value={open ? "open" : "all"}
          onChange={(which) => setOpen(which === "open")}
          data={[
            { value: "open", label: `${t("environments.outside.open")} · ${page.open}` },
            { value: "all", label: `${t("environments.outside.all")} · ${page.open + page.resolved}` },
          ]}
        />
        {all.length > 0 && (
          <Group gap="sm">
            <Checkbox
              label={t("environments.outside.chooseAll")}
              checked={picked.length === all.length}
              indeterminate={picked.length > 0 && picked.length < all.length}
              onChange={() => setChosen(picked.length === all.length ? [] : all.map((c) => c.act))}
            />
            <WhyButton
              allowed={picked.length > 0}
              why={t("environments.outside.chooseFirst")}
              leftSection={<IconEyeCheck size={16} aria-hidden />}
              onClick={() => setResolving(true)}
            >
              {t("environments.outside.resolve", { count: picked.length })}
            </WhyButton>
          </Group>
        )}
      </Group>
      {page.items.length === 0 ? (
        <EmptyState
          icon={IconCheck}
          title={t("environments.outside.none")}
          text={isKnown(page.until) ? t("environments.outside.noneWhy") : t("environments.outside.neverWhy")}
        />
      ) : (
        <Stack component="ul" gap="xs" p={0} m={0} aria-label={t("environments.tab.outside")}>
          {page.items.map((c) => (
            <Change
              key={c.act}
              change={c}
              environment={id}
              chosen={chosen.includes(c.act)}
              onChoose={() => toggle(c.act)}
            />
          ))}
        </Stack>
      )}
      {page.probable > 0 && <Probable environment={id} count={page.probable} />}
      {list.hasNextPage && (
        <Button
          variant="default"
          w="fit-content"
          loading={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          {t("environments.outside.more")}
        </Button>
      )}
      <ResolveDialog
        view={view}
        changes={picked}
        opened={resolving}
        onClose={() => setResolving(false)}
        onDone={() => setChosen([])}
      />
    </Stack>
  );
}

type ChangeProps = {
  change: workspace.OutsideChange;
  environment: string;
  chosen: boolean;
  onChoose: () => void;
};

function Change({ change: c, environment, chosen, onChoose }: ChangeProps) {
  const { t } = useTranslation();
  const say = useSaid("environments");
  const Icon = kinds[c.kind] ?? IconRadar2;
  const sentence = say(c.said.text, c.said);
  const show = useAct(() => openOutside(environment, c.act));
  const names = c.components.slice(0, 8);
  const how = (change = "") => hows[change] && ` (${t(hows[change])})`;
  return (
    <Paper component="li" withBorder radius="md" p="sm" style={{ listStyle: "none" }}>
      <Group align="flex-start" wrap="nowrap" gap="sm">
        {!c.resolved && (
          <Checkbox
            mt={2}
            checked={chosen}
            onChange={onChoose}
            aria-label={t("environments.outside.choose", { what: `${sentence} ${c.by}` })}
          />
        )}
        <Icon size={18} stroke={1.7} aria-hidden style={{ flex: "none", marginTop: 2 }} />
        <Box flex={1} miw={0}>
          <Group gap="xs" justify="space-between">
            <Text fw={600}>{sentence}</Text>
            <Badge
              variant="light"
              color={c.resolved ? "green" : "orange"}
              leftSection={c.resolved ? <IconCheck size={12} aria-hidden /> : undefined}
            >
              {t(c.resolved ? "environments.outside.resolved" : "environments.outside.isOpen")}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {c.by || t("environments.outside.nobody")} · <When at={c.at} />
          </Text>
          {(c.kind === "setup" || names.length === 0) && (
            <Text size="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
              {c.summary}
            </Text>
          )}
          {names.length > 0 && c.kind !== "setup" && (
            <Text size="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
              {names.map((n, i) => (
                <Fragment key={n}>
                  {i > 0 && ", "}
                  <Text span inherit ff="monospace">
                    {n.replace(":", " ")}
                  </Text>
                  {how(c.changes[i])}
                </Fragment>
              ))}
              {c.count > names.length &&
                ` ${t("environments.outside.andMore", { count: c.count - names.length })}`}
            </Text>
          )}
          {c.resolved && (
            <Text size="sm" mt={6} style={{ overflowWrap: "anywhere" }}>
              {c.resolvedBy?.name}: {c.reason}{" "}
              {c.requestId && c.requestLabel && (
                <Anchor
                  size="sm"
                  renderRoot={(props) => (
                    <Link {...props} to="/change-requests/$id" params={{ id: c.requestId }} />
                  )}
                >
                  {c.requestLabel}
                </Anchor>
              )}
            </Text>
          )}
        </Box>
        {c.hasPage && (
          <Button
            size="xs"
            variant="subtle"
            leftSection={<IconExternalLink size={14} aria-hidden />}
            loading={show.isPending}
            onClick={() => show.mutate()}
          >
            {t("environments.outside.page")}
          </Button>
        )}
      </Group>
    </Paper>
  );
}
