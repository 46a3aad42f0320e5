import { Box, Button, Group, Menu, Text, UnstyledButton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconCheck, IconFlask, IconSelector } from "@tabler/icons-react";
import type { workspace } from "@/api/models";
import { keysOf } from "@/components/keys";
import { Person } from "@/components/Person";
import { dialog } from "@/components/use-page-keys";
import { useActAs, useLeave } from "@/components/use-unsaved";
import { useWorkspace } from "@/components/use-workspace";
import { useTranslation } from "@/i18n/use-translation";

/** The key that takes the n-th member's part, by its place: with Alt it prints other signs on some keyboards. */
const keyOf = (n: number) => `alt+Digit${n + 1}`;
const keyInWords = (n: number) => keysOf(`alt+${n + 1}`);

/** Roles in the person's language. */
function useRoles() {
  const { t } = useTranslation();
  return (all: string[]) => all.map((role) => t(`role.${role}`, { defaultValue: role })).join(", ");
}

/** The strip above every page of the demo: whose part the person takes, and that nothing leaves this computer. */
export function DemoStrip({ narrow }: { narrow: boolean }) {
  const { state, me } = useWorkspace();
  if (!state?.demo || !me) return null;
  return <Strip state={state} me={me} narrow={narrow} />;
}

function Strip({ state, me, narrow }: { state: workspace.State; me: workspace.Person; narrow: boolean }) {
  const { t } = useTranslation();
  const roles = useRoles();
  const act = useActAs();
  const leave = useLeave();
  const take = (member: string) => {
    if (member !== me.id && !act.isPending) act.mutate(member);
  };
  // Not in a field, where Alt writes signs, and not over a dialog, which was opened by somebody.
  useHotkeys(
    state.members.map((member, n): [string, () => void, { usePhysicalKeys: boolean }] => [
      keyOf(n),
      () => !document.querySelector(dialog) && take(member.id),
      { usePhysicalKeys: true },
    ]),
  );
  return (
    <Group
      className="demo-strip"
      px="md"
      gap="md"
      justify="space-between"
      wrap="nowrap"
      role="region"
      aria-label={t("acting.strip")}
    >
      <Menu position="bottom-start" width={300} hideDetached={false} transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <UnstyledButton className="acting">
            <Text span size="sm" className={narrow ? "unseen" : undefined}>
              {t("acting.as")}
            </Text>{" "}
            <Text span size="sm" fw={650} truncate="end">
              {me.name}
            </Text>{" "}
            {!me.name.toLowerCase().endsWith(` ${roles(me.roles).toLowerCase()}`) && (
              <Text span size="sm" truncate="end" className="acting-roles">
                {roles(me.roles)}
              </Text>
            )}{" "}
            <span className="unseen">{t("acting.change")}</span>
            <IconSelector size={15} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t("acting.why")}</Menu.Label>
          {state.members.map((member, n) => (
            <Menu.Item
              key={member.id}
              onClick={() => take(member.id)}
              leftSection={
                <Box w={16}>
                  {member.id === me.id && <IconCheck size={16} aria-label={t("acting.now")} />}
                </Box>
              }
              rightSection={
                <Text size="xs" c="dimmed">
                  {keyInWords(n)}
                </Text>
              }
            >
              <Text size="sm" fw={550}>
                {member.name}
              </Text>
              <Text size="xs" c="dimmed">
                {roles(member.roles)}
              </Text>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Group gap="xs" wrap="nowrap" miw={0} className="demo-note">
        <IconFlask size={15} aria-hidden style={{ flex: "none" }} />
        <Text size="sm" truncate="end" title={t("acting.demo")} className={narrow ? "unseen" : undefined}>
          {t("acting.demo")}
        </Text>
        <Button size="compact-xs" variant="default" onClick={leave} flex="none">
          {t(narrow ? "acting.leaveShort" : "acting.leave")}
        </Button>
      </Group>
    </Group>
  );
}

/** Who the person is, below the navigation of a workspace of their own. */
export function Me() {
  const { t } = useTranslation();
  const { state, me } = useWorkspace();
  const roles = useRoles();
  if (!state || !me || state.demo) return null;
  return (
    <Box px={10} pt={8} mt={4} className="me">
      <Person person={me} />
      <Text size="xs" c="dimmed" mt={2}>
        {state.solo ? t("acting.solo") : roles(me.roles)}
      </Text>
    </Box>
  );
}
