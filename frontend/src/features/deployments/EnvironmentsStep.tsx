import { Anchor, Button, Group, Paper, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { saveCredentials, saveEnvironment } from "@/api/environments";
import { governance, type workspace } from "@/api/models";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { useAct } from "@/components/use-act";
import { useUnsaved } from "@/components/use-unsaved";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import type { StepProps } from "./Steps";
import type { RecordActs } from "./use-record-acts";

/** Both orgs: who we are there, when it was tried last, and the credentials on this computer. */
export function EnvironmentsDetail({ acts }: StepProps) {
  const { t } = useTranslation();
  const { source, target } = acts.view;
  return (
    <div className="columns" data-columns="2-md">
      <Side word={t("deployments.source")} view={source} acts={acts} />
      <Side word={t("deployments.target")} view={target} acts={acts} />
    </div>
  );
}

function Side({ word, view, acts }: { word: string; view: workspace.EnvironmentView; acts: RecordActs }) {
  const { t } = useTranslation();
  const e = view.environment;
  const [editing, setEditing] = useState(false);
  const password = e.signIn === governance.SignInMethod.Password;
  const browser = e.signIn === governance.SignInMethod.Oauth;
  const asks = password && (editing || !view.hasCredentials);
  return (
    <Paper withBorder p="sm" radius="sm" className={view.production ? "production-edge" : undefined}>
      <Stack gap="xs">
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {word}
          </Text>
          <EnvironmentBadge id={e.id} name={e.name} kind={e.kind} production={view.production} />
        </Group>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {e.organizationId
            ? t("deployments.connectedAs", {
                user: e.username || e.organizationName,
                org: e.organizationName,
                id: e.organizationId,
              })
            : t("deployments.neverConnected")}
        </Text>
        <Text size="sm" c="dimmed">
          {t("deployments.tested")} <When at={e.testedAt} />
          {/^https?:/.test(e.url) && ` · ${e.url}`}
        </Text>
        <Text size="sm" c="dimmed">
          {t(
            browser
              ? view.hasCredentials
                ? "deployments.signedIn"
                : "deployments.signInMissing"
              : password
                ? view.hasCredentials
                  ? "deployments.credentialsKept"
                  : "deployments.credentialsMissing"
                : "deployments.signInSf",
          )}
        </Text>
        <Group gap={6}>
          <Button
            size="xs"
            variant="default"
            loading={acts.test.isPending}
            aria-label={t("deployments.testOf", { name: e.name })}
            onClick={() => acts.test.mutate([e.id])}
          >
            {t("deployments.button.environments")}
          </Button>
          {password && !asks && (
            <Button size="xs" variant="subtle" onClick={() => setEditing(true)}>
              {t("deployments.otherCredentials")}
            </Button>
          )}
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link
                to="/environments/$id"
                params={{ id: e.id }}
                search={browser && !view.hasCredentials ? { tab: "connection" } : {}}
                {...props}
              />
            )}
          >
            {t("deployments.openEnvironment")}
          </Anchor>
        </Group>
        {asks && (
          <Credentials
            view={view}
            onDone={() => setEditing(false)}
            onLeave={view.hasCredentials ? () => setEditing(false) : undefined}
          />
        )}
      </Stack>
    </Paper>
  );
}

type CredentialsProps = { view: workspace.EnvironmentView; onDone: () => void; onLeave?: () => void };

/** Never filled in beforehand: what is kept does not come back out of the keychain. */
function Credentials({ view, onDone, onLeave }: CredentialsProps) {
  const { t } = useTranslation();
  const e = view.environment;
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [token, setToken] = useState("");
  useUnsaved(password !== "" || token !== "");
  const save = useAct(
    async () => {
      if (user.trim() && user.trim() !== e.username)
        await saveEnvironment(e.id, {
          name: e.name,
          kind: e.kind,
          url: e.url,
          signIn: e.signIn,
          username: user.trim(),
          deployBy: e.deployBy,
          consumerKey: e.consumerKey,
        });
      return saveCredentials(e.id, { password, token, consumerSecret: "" });
    },
    {
      done: () => t("deployments.credentialsSaved", { name: e.name }),
      onDone: () => {
        setPassword("");
        setToken("");
        onDone();
      },
    },
  );
  const needsUser = !e.username && !user.trim();
  const ready = password !== "" && !needsUser;
  return (
    <form
      aria-label={t("deployments.credentialsOf", { name: e.name })}
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) save.mutate();
      }}
    >
      <Stack gap="xs">
        <TextInput
          size="xs"
          label={t("deployments.userName")}
          description={e.username ? t("deployments.userNameKept", { name: e.username }) : undefined}
          required={!e.username}
          value={user}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setUser(event.currentTarget.value)}
        />
        <PasswordInput
          size="xs"
          label={t("deployments.password")}
          required
          value={password}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ "aria-label": t("deployments.showSecret") }}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <PasswordInput
          size="xs"
          label={t("deployments.token")}
          description={t("deployments.tokenWhy")}
          value={token}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ "aria-label": t("deployments.showSecret") }}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        <Group gap={6}>
          <Button size="xs" variant="default" type="submit" disabled={!ready} loading={save.isPending}>
            {t("deployments.button.saveCredentials")}
          </Button>
          {onLeave && (
            <Button size="xs" variant="subtle" onClick={onLeave}>
              {t("common.cancel")}
            </Button>
          )}
          {!ready && (
            <Text size="xs" c="dimmed">
              {t(needsUser ? "deployments.needUser" : "deployments.needPassword")}
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}
