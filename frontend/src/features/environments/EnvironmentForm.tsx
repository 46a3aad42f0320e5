import { Alert, Button, Code, Group, Radio, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { environment, saveEnvironment } from "@/api/environments";
import { governance, type workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { faultHint, faultTitle, useAct } from "@/components/use-act";
import { useFields } from "@/components/use-fields";
import { useUnsaved } from "@/components/use-unsaved";
import { useTranslation } from "@/i18n/use-translation";
import { addressOf, type Place, placeOf, places } from "./addresses";
import { CLIPick } from "./CLIPick";

type Props = {
  /** None: a new one. */
  view?: workspace.EnvironmentView;
  onSaved: (view: workspace.EnvironmentView) => void;
  onCancel?: () => void;
};

const { DeployTransport, EnvironmentKind, SignInMethod } = governance;
const kinds = [EnvironmentKind.Production, EnvironmentKind.Sandbox, EnvironmentKind.Scratch];
const fields: Record<string, "name" | "url" | "signIn"> = {
  name_needed: "name",
  invalid_url: "url",
  sign_in: "signIn",
};

const fresh: workspace.EnvironmentFields = {
  name: "",
  kind: EnvironmentKind.Sandbox,
  url: addressOf("domain"),
  signIn: SignInMethod.Oauth,
  username: "",
  deployBy: DeployTransport.Soap,
  consumerKey: "",
};

/** What an environment is called, where it is, and how one signs in there. */
export function EnvironmentForm({ view, onSaved, onCancel }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { fields: draft, dirty, set, saved } = useFields(view ? ours(view.environment) : fresh);
  useUnsaved(dirty);
  const save = useAct(
    (sent: workspace.EnvironmentFields) => saveEnvironment(view?.environment.id ?? "", pick(sent)),
    {
      onDone: (after, sent) => {
        client.setQueryData(environment(after.environment.id).queryKey, after);
        saved(sent);
        onSaved(after);
      },
      shows: (fault) => fault.code in fields,
    },
  );
  const wrong = (field: string) =>
    save.error && fields[save.error.code] === field
      ? [faultTitle(t, save.error), faultHint(t, save.error)].filter(Boolean).join(" ")
      : undefined;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate(draft);
  };
  const byPassword = draft.signIn === SignInMethod.Password;
  const byCLI = draft.signIn === SignInMethod.Sf;
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          data-autofocus={view ? undefined : true}
          label={t("environments.form.name")}
          description={t("environments.form.nameWhy")}
          value={draft.name}
          onChange={(e) => set({ name: e.currentTarget.value })}
          error={wrong("name")}
          maxLength={80}
          required
        />
        <SignIn draft={draft} set={set} error={wrong("signIn")} />
        {!byCLI && <Address draft={draft} set={set} error={wrong("url")} />}
        {byCLI && <CLIPick draft={draft} set={set} />}
        {!view && byPassword && (
          <TextInput
            label={t("environments.form.user")}
            description={t("environments.form.userWhy")}
            value={draft.username}
            onChange={(e) => set({ username: e.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
            required
          />
        )}
        <Kind draft={draft} set={set} view={view} />
        {view && <DeployBy draft={draft} set={set} />}
        <Group justify="flex-end" gap="xs">
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              {t("common.cancel")}
            </Button>
          )}
          <Button type="submit" loading={save.isPending} variant={view ? "default" : "filled"}>
            {view ? t("environments.form.save") : t("environments.form.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Only what a person edits; the rest of an environment is the org's own word. */
const ours = ({
  name,
  kind,
  url,
  signIn,
  username,
  deployBy,
  consumerKey,
}: workspace.EnvironmentFields): workspace.EnvironmentFields => ({
  name,
  kind,
  url,
  signIn,
  username,
  deployBy,
  consumerKey,
});

/** What a person edits, as it is saved. */
export const pick = (typed: workspace.EnvironmentFields) => {
  const { name, url, username, consumerKey } = typed;
  return {
    ...ours(typed),
    name: name.trim(),
    url: url.trim(),
    username: username.trim(),
    consumerKey: consumerKey.trim(),
  };
};

type PartProps = {
  draft: workspace.EnvironmentFields;
  set: (some: Partial<workspace.EnvironmentFields>) => void;
  error?: string;
};

function SignIn({ draft, set, error }: PartProps) {
  const { t } = useTranslation();
  const inside = placeOf(draft.url) === "inside";
  return (
    <Radio.Group
      label={t("environments.form.signIn")}
      value={draft.signIn}
      onChange={(signIn) => set({ signIn: signIn as governance.SignInMethod })}
      error={error}
    >
      <Stack gap="xs" mt={6}>
        {!inside && (
          <Radio
            value={SignInMethod.Oauth}
            label={t("environments.form.browser")}
            description={t("environments.form.browserWhy")}
          />
        )}
        {!inside && (
          <Radio
            value={SignInMethod.Sf}
            label={t("environments.form.cli")}
            description={t("environments.form.cliWhy")}
          />
        )}
        <Radio
          value={SignInMethod.Password}
          label={t("environments.form.password")}
          description={t("environments.form.passwordWhy")}
        />
      </Stack>
    </Radio.Group>
  );
}

const kindAt: Partial<Record<Place, governance.EnvironmentKind>> = {
  production: EnvironmentKind.Production,
  sandbox: EnvironmentKind.Sandbox,
};

function Address({ draft, set, error }: PartProps) {
  const { t } = useTranslation();
  const [picked, setPicked] = useState<Place>();
  const place = picked ?? placeOf(draft.url);
  if (place === "inside")
    return (
      <Text size="sm" c="dimmed">
        {t("environments.form.inside")}
      </Text>
    );
  const choose = (to: string) => {
    const chosen = to as Place;
    setPicked(chosen);
    set({ url: addressOf(chosen), kind: kindAt[chosen] ?? draft.kind });
  };
  return (
    <Stack gap="xs">
      <Radio.Group label={t("environments.form.address")} value={place} onChange={choose}>
        <Stack gap={6} mt={6}>
          {places.map((each) => (
            <Radio
              key={each}
              value={each}
              label={t(`environments.form.place.${each}`)}
              description={t(
                each === "domain" && draft.signIn === SignInMethod.Oauth
                  ? "environments.form.domainBest"
                  : `environments.form.placeWhy.${each}`,
              )}
            />
          ))}
        </Stack>
      </Radio.Group>
      {(place === "domain" || place === "demo") && (
        <TextInput
          label={t(place === "demo" ? "environments.form.demoUrl" : "environments.form.url")}
          placeholder={place === "demo" ? "http://127.0.0.1:8080" : "https://acme.my.salesforce.com"}
          value={draft.url}
          onChange={(e) => set({ url: e.currentTarget.value })}
          error={error}
          spellCheck={false}
          required
        />
      )}
      {place === "demo" && (
        <Alert variant="light" color="gray" p="sm">
          <Text size="sm">{t("environments.form.demoHow")}</Text>
          <Code block mt={4} style={{ whiteSpace: "pre-wrap" }}>
            countersign demo-org --org uat --listen 127.0.0.1:8080 --data DIR
          </Code>
        </Alert>
      )}
    </Stack>
  );
}

/** Nobody needs this to begin with, so a new environment is not asked. */
function DeployBy({ draft, set }: PartProps) {
  const { t } = useTranslation();
  return (
    <Select
      label={t("environments.form.deployBy")}
      description={t("environments.form.deployByWhy")}
      data={[DeployTransport.Soap, DeployTransport.Rest].map((way) => ({
        value: way,
        label: t(`environments.form.deployByWay.${way}`),
      }))}
      value={draft.deployBy}
      onChange={(way) => way && set({ deployBy: way as governance.DeployTransport })}
      allowDeselect={false}
    />
  );
}

/** The kind is asked for only where nothing tells it yet: the address does, and later the org itself. */
function Kind({ draft, set, view }: PartProps & { view?: workspace.EnvironmentView }) {
  const { t } = useTranslation();
  if (view && isKnown(view.environment.testedAt))
    return (
      <Text size="sm" c="dimmed">
        {t("environments.form.kindTold", { kind: t(`environments.kind.${view.environment.kind}`) })}
      </Text>
    );
  const byCLI = draft.signIn === SignInMethod.Sf;
  if (!byCLI && placeOf(draft.url) !== "domain") return null;
  return (
    <Select
      label={t("environments.form.kind")}
      description={t("environments.form.kindWhy")}
      data={kinds.map((kind) => ({ value: kind, label: t(`environments.kind.${kind}`) }))}
      value={kinds.includes(draft.kind) ? draft.kind : EnvironmentKind.Production}
      onChange={(kind) => kind && set({ kind: kind as governance.EnvironmentKind })}
      allowDeselect={false}
    />
  );
}
