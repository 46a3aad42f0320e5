import {
  Alert,
  Button,
  Collapse,
  Group,
  List,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import {
  IconAlertTriangle,
  IconBrowser,
  IconChevronRight,
  IconCircleCheck,
  IconLock,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useId, useState } from "react";
import {
  cancelSignIn,
  copySignIn,
  environment,
  removeSecret,
  saveCredentials,
  saveEnvironment,
  showSignIn,
  signIn,
  signOut,
} from "@/api/environments";
import { workspace } from "@/api/models";
import { faultHint, faultTitle, useAct } from "@/components/use-act";
import { useFields } from "@/components/use-fields";
import { second, useTick } from "@/components/use-tick";
import { useUnsaved } from "@/components/use-unsaved";
import { useWorkspace } from "@/components/use-workspace";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { AppRecipe } from "./AppRecipe";
import { ConfirmSignIn } from "./ConfirmSignIn";
import { ConnectionAnswer } from "./ConnectionTest";
import { pick } from "./EnvironmentForm";

type Props = { view: workspace.EnvironmentView };

/** Signing in with the browser, in three steps: the org's app, its consumer key, the sign-in itself. */
export function BrowserSignIn({ view }: Props) {
  const { t } = useTranslation();
  const key = view.environment.consumerKey;
  const [asked, setAsked] = useState<boolean>();
  const recipe = asked ?? !key; // once the key is there it has served
  const recipeId = useId();
  return (
    <Stack gap="lg">
      <Step number={1} title={t("environments.browser.app")} done={key !== ""}>
        <Text size="sm">{t("environments.browser.appWhat")}</Text>
        <Button
          variant="subtle"
          size="xs"
          px={4}
          w="fit-content"
          aria-expanded={recipe}
          aria-controls={recipeId}
          leftSection={
            <IconChevronRight
              size={14}
              aria-hidden
              style={{ transform: recipe ? "rotate(90deg)" : undefined }}
            />
          }
          onClick={() => setAsked(!recipe)}
        >
          {t(recipe ? "environments.browser.hideRecipe" : "environments.browser.showRecipe")}
        </Button>
        <Collapse expanded={recipe} id={recipeId} transitionDuration={0}>
          <AppRecipe />
        </Collapse>
      </Step>
      <Step number={2} title={t("environments.browser.key")} done={key !== ""}>
        <ConsumerKey view={view} />
      </Step>
      <Step number={3} title={t("environments.browser.signIn")} done={view.hasCredentials}>
        <SignIn view={view} />
      </Step>
    </Stack>
  );
}

type StepProps = { number: number; title: string; done: boolean; children: ReactNode };

function Step({ number, title, done, children }: StepProps) {
  const { t } = useTranslation();
  return (
    <Group role="group" align="flex-start" gap="sm" wrap="nowrap" aria-label={title}>
      <Text component="span" c={done ? "green" : "dimmed"} fw={620} w={22} ta="center" flex="none">
        {done ? (
          <IconCircleCheck
            size={20}
            aria-label={t("environments.browser.stepDone")}
            style={{ verticalAlign: "-4px" }}
          />
        ) : (
          number
        )}
      </Text>
      <Stack gap="xs" flex={1} miw={0}>
        <Title order={3} fz="sm" fw={620} lh="22px">
          {title}
        </Title>
        {children}
      </Stack>
    </Group>
  );
}

/** The consumer key is no secret and is shown; the secret, where the app wants one, goes to the keychain. */
function ConsumerKey({ view }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const env = view.environment;
  const { fields, dirty, set, saved } = useFields({ consumerKey: env.consumerKey });
  const [asks, setAsks] = useState(false);
  const [secret, setSecret] = useState("");
  useUnsaved(dirty || secret !== "");
  const save = useAct(
    async () => {
      const after = dirty ? await saveEnvironment(env.id, pick({ ...env, ...fields })) : view;
      if (secret) await saveCredentials(env.id, { password: "", token: "", consumerSecret: secret });
      return after;
    },
    {
      onDone: (after) => {
        client.setQueryData(environment(env.id).queryKey, after);
        saved(fields);
        setSecret("");
        setAsks(false);
      },
      shows: (fault) => fault.code === "consumer_key",
    },
  );
  const wrong = save.error?.code === "consumer_key" ? save.error : undefined;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (dirty || secret) save.mutate();
  };
  const ready = fields.consumerKey.trim() !== "" && (dirty || secret !== "");
  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack gap="xs">
        <TextInput
          label={t("environments.browser.keyLabel")}
          description={t("environments.browser.keyWhy")}
          value={fields.consumerKey}
          onChange={(e) => set({ consumerKey: e.currentTarget.value })}
          error={wrong && [faultTitle(t, wrong), faultHint(t, wrong)].filter(Boolean).join(" ")}
          autoComplete="off"
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          required
        />
        <KeptSecret view={view} />
        {asks ? (
          <PasswordInput
            label={t("environments.browser.secretLabel")}
            description={t("environments.browser.secretWhy")}
            value={secret}
            onChange={(e) => setSecret(e.currentTarget.value)}
            autoComplete="off"
            visibilityToggleButtonProps={{ "aria-label": t("environments.showTyped") }}
          />
        ) : (
          <Button variant="subtle" size="xs" px={4} w="fit-content" onClick={() => setAsks(true)}>
            {t(view.secret ? "environments.browser.secretReplace" : "environments.browser.secretAsk")}
          </Button>
        )}
        <WhyButton
          type="submit"
          variant="default"
          w="fit-content"
          loading={save.isPending}
          allowed={ready}
          why={t("environments.browser.nothingToSave")}
        >
          {t("environments.browser.saveKey")}
        </WhyButton>
      </Stack>
    </form>
  );
}

/** Whether this computer keeps a consumer secret: never the secret, and a way to remove it. */
function KeptSecret({ view }: Props) {
  const { t } = useTranslation();
  const { state } = useWorkspace();
  const where = t(`environments.where.${state?.demo ? "folder" : "keychain"}`);
  const remove = useAct(() => removeSecret(view.environment.id), {
    key: ["remove-secret", view.environment.id],
  });
  if (!view.secret)
    return remove.isSuccess ? (
      <Text size="sm" role="status">
        {t("environments.browser.secretRemoved")}
      </Text>
    ) : null;
  const other = view.secret === workspace.SecretState.Other;
  const Icon = other ? IconAlertTriangle : IconLock;
  return (
    <Group gap="xs" wrap="nowrap" align="center">
      <Icon size={16} aria-hidden style={{ flex: "none" }} />
      <Text size="sm" role="status" flex={1} miw={0}>
        {t(other ? "environments.browser.secretOther" : "environments.browser.secretKept", { where })}
      </Text>
      <Button
        variant="default"
        size="xs"
        flex="none"
        loading={remove.isPending}
        onClick={() => remove.mutate()}
      >
        {t("environments.browser.secretRemove")}
      </Button>
    </Group>
  );
}

function SignIn({ view }: Props) {
  const { t } = useTranslation();
  const env = view.environment;
  const [answer, setAnswer] = useState<workspace.Connection>();
  const [letGo, setLetGo] = useState(false);
  const act = useAct(() => signIn(env.id), {
    key: ["sign-in", env.id],
    shows: () => true,
    onDone: (came) => setAnswer(came.offer ? undefined : came),
  });
  const leave = useAct(() => signOut(env.id), {
    key: ["sign-out", env.id],
    onDone: () => {
      act.reset();
      setAnswer(undefined);
    },
  });
  const begin = () => {
    setAnswer(undefined);
    setLetGo(false);
    act.mutate();
  };
  if (act.isPending) return <WaitsForBrowser view={view} />;
  if (view.unconfirmed)
    return (
      <ConfirmSignIn
        key={view.unconfirmed.offer}
        view={view}
        offered={view.unconfirmed}
        onKept={setAnswer}
        onLetGo={() => setLetGo(true)}
      />
    );
  const cancelled = act.error?.code === "signin_canceled" || act.error?.code === "declined";
  const again = view.hasCredentials;
  return (
    <Stack gap="xs">
      {again && !answer && (
        <Text size="sm">{t("environments.browser.signedIn", { user: env.username || env.name })}</Text>
      )}
      <Group gap="xs">
        <WhyButton
          variant={again ? "default" : "filled"}
          leftSection={<IconBrowser size={16} aria-hidden />}
          allowed={env.consumerKey !== ""}
          why={t("environments.browser.keyFirst")}
          onClick={begin}
        >
          {t(again ? "environments.browser.buttonAgain" : "environments.browser.button")}
        </WhyButton>
        {again && (
          <Button variant="subtle" loading={leave.isPending} onClick={() => leave.mutate()}>
            {t("environments.browser.signOut")}
          </Button>
        )}
      </Group>
      {!again && (
        <Text size="xs" c="dimmed">
          {t("environments.browser.buttonWhat")}
        </Text>
      )}
      {(cancelled || letGo) && (
        <Text size="sm" role="status">
          {t(letGo ? "environments.confirm.letGo" : "environments.browser.cancelled")}
        </Text>
      )}
      <ConnectionAnswer
        title={t("environments.browser.failed")}
        connection={{
          test: begin,
          testing: false,
          answer,
          fault: cancelled ? null : act.error,
        }}
        whole
      />
    </Stack>
  );
}

/** The person is in the browser. It says for how long, and what an error there means, since Salesforce tells only there. */
function WaitsForBrowser({ view }: Props) {
  const { t } = useTranslation();
  const { id, url } = view.environment;
  const [since] = useState(() => Date.now());
  useTick(second);
  const seconds = Math.max(0, Math.round((Date.now() - since) / 1000));
  const again = useAct(() => showSignIn(id));
  const copy = useAct(() => copySignIn(id), { done: () => t("environments.browser.copiedPage") });
  const [ending, setEnding] = useState(false);
  const end = useAct(() => cancelSignIn(id));
  useEffect(() => {
    if (end.isError) setEnding(false);
  }, [end.isError]);
  return (
    <Alert
      color="blue"
      variant="light"
      icon={<IconBrowser aria-hidden />}
      p="sm"
      role="group"
      aria-label={t("environments.browser.waits")}
    >
      <Text size="sm" fw={550} role="status">
        {t("environments.browser.waiting", { host: url.replace(/^https?:\/\//, "") })}
      </Text>
      <Text size="sm" mt={4} className="tabular" aria-hidden>
        {t("environments.browser.waitingFor", {
          minutes: Math.floor(seconds / 60),
          seconds: String(seconds % 60).padStart(2, "0"),
        })}
      </Text>
      <Group gap="xs" mt="sm">
        <Button
          size="xs"
          variant="default"
          loading={ending}
          onClick={() => {
            setEnding(true);
            end.mutate();
          }}
        >
          {t("common.cancel")}
        </Button>
        <Button size="xs" variant="subtle" onClick={() => again.mutate()}>
          {t("environments.browser.openAgain")}
        </Button>
        <Button size="xs" variant="subtle" onClick={() => copy.mutate()}>
          {t("environments.browser.copyPage")}
        </Button>
      </Group>
      <Text size="sm" fw={550} mt="sm">
        {t("environments.browser.errors")}
      </Text>
      <List size="sm" spacing={2} mt={2}>
        {(["redirect", "client", "org", "pkce"] as const).map((each) => (
          <List.Item key={each}>{t(`environments.browser.error.${each}`)}</List.Item>
        ))}
      </List>
    </Alert>
  );
}
