import { Alert, Code, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { IconHourglass, IconLock } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { saveCredentials, saveEnvironment } from "@/api/environments";
import { governance, type workspace } from "@/api/models";
import { faultTitle, useAct } from "@/components/use-act";
import { useFields } from "@/components/use-fields";
import { useWhy } from "@/components/use-said";
import { useUnsaved } from "@/components/use-unsaved";
import { useWorkspace } from "@/components/use-workspace";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { BrowserSignIn } from "./BrowserSignIn";
import { pick } from "./EnvironmentForm";

/** How this computer signs in to an org: in the browser, through the sf CLI, or with what the keychain keeps. */
export function CredentialsForm({ view }: { view: workspace.EnvironmentView }) {
  const { t } = useTranslation();
  const env = view.environment;
  if (env.signIn === governance.SignInMethod.Oauth) return <BrowserSignIn view={view} />;
  if (env.signIn === governance.SignInMethod.Sf)
    return (
      <Text size="sm">
        {t("environments.cliKeeps")} <Code>{`sf org display --target-org ${env.username}`}</Code>
      </Text>
    );
  return <PasswordForm view={view} />;
}

/** User, password and security token on their way into the keychain. What is kept is never shown again. */
function PasswordForm({ view }: { view: workspace.EnvironmentView }) {
  const { t } = useTranslation();
  const { say } = useWhy();
  const { state } = useWorkspace();
  const env = view.environment;
  const { fields, dirty, set, saved: userSaved } = useFields({ user: env.username });
  const { user } = fields;
  const [password, setPassword] = useState("");
  const [token, setToken] = useState("");
  const [saved, setSaved] = useState(false);
  const save = useAct(
    async () => {
      if (user.trim() !== env.username) await saveEnvironment(env.id, pick({ ...env, username: user }));
      return saveCredentials(env.id, { password, token, consumerSecret: "" });
    },
    {
      onDone: () => {
        userSaved({ user });
        setPassword("");
        setToken("");
        setSaved(true);
      },
      shows: (fault) => fault.code === "invalid_login",
    },
  );
  useUnsaved(dirty || password !== "" || token !== "");
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  const keychain = state?.keychain;
  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack gap="sm">
        {view.hasCredentials && (
          <Alert
            color={saved ? "green" : "gray"}
            variant="light"
            p="xs"
            icon={<IconLock size={18} aria-hidden />}
            role="status"
          >
            <Text size="sm">{t(saved ? "environments.savedNow" : "environments.savedBefore")}</Text>
          </Alert>
        )}
        {/^https:/.test(env.url) && (
          <Alert
            color="yellow"
            variant="light"
            p="xs"
            role="note"
            icon={<IconHourglass size={18} aria-hidden />}
          >
            <Text size="sm">{t("environments.passwordEnds")}</Text>
          </Alert>
        )}
        {keychain && !keychain.works && (
          <Alert color="red" variant="light" p="xs" title={t("environments.noKeychain")}>
            <Text size="sm">{say(keychain.why, keychain.said)}</Text>
          </Alert>
        )}
        <TextInput
          label={t("environments.form.user")}
          value={user}
          onChange={(e) => set({ user: e.currentTarget.value })}
          autoComplete="off"
          spellCheck={false}
          required
        />
        <PasswordInput
          label={t("environments.passwordLabel")}
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
          autoComplete="off"
          error={save.error?.code === "invalid_login" ? faultTitle(t, save.error) : undefined}
          visibilityToggleButtonProps={{ "aria-label": t("environments.showTyped") }}
          required
        />
        <PasswordInput
          label={t("environments.tokenLabel")}
          description={t("environments.tokenWhy")}
          value={token}
          onChange={(e) => setToken(e.currentTarget.value)}
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": t("environments.showTyped") }}
        />
        <Group gap="sm">
          <WhyButton
            type="submit"
            variant="default"
            loading={save.isPending}
            allowed={password !== ""}
            why={t("environments.needPassword")}
          >
            {t("environments.saveCredentials")}
          </WhyButton>
          <Text size="xs" c="dimmed" flex={1} miw={180}>
            {t("environments.secretWhere", {
              where: t(`environments.where.${state?.demo ? "folder" : "keychain"}`),
            })}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
