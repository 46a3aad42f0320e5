import { Box, Button, Group, Paper, PasswordInput, Stack, Text } from "@mantine/core";
import { IconFileImport, IconFolderOpen, IconLock, IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { bundlePreview, fileReport, importBundle, pickedFile } from "@/api/exchange";
import type { Fault } from "@/api/fault";
import type { app } from "@/api/models";
import { joinPicked } from "@/api/workspaces";
import { FaultAlert } from "@/components/FaultAlert";
import { useAct } from "@/components/use-act";
import { useSize } from "@/components/use-size";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { Delivered } from "./Delivered";
import { Report } from "./Report";
import { usePicking } from "./use-picked";

/** A file that came: what it would bring before anything of it is taken in, or what it proves. */
export function Receive() {
  const { t } = useTranslation();
  const { item = "", view } = useSearch({ strict: false });
  const { pick } = usePicking();
  const file = useQuery(pickedFile(item)).data;
  const navigate = useNavigate();
  const leave = () => void navigate({ to: "/exchange", search: { tab: "receive" } });
  if (file) return <Picked key={file.token} file={file} verify={view === "verify"} onLeave={leave} />;
  return (
    <Paper withBorder radius="md" p="xl" className="drop-place">
      <Stack align="center" gap="xs">
        <IconFileImport size={32} stroke={1.4} aria-hidden />
        <Text fw={600} ta="center">
          {t("exchange.receive.empty")}
        </Text>
        <Text size="sm" c="dimmed" ta="center" maw={520}>
          {t("exchange.receive.emptyText")}
        </Text>
        <Button
          mt="xs"
          leftSection={<IconFolderOpen size={16} aria-hidden />}
          onClick={() => pick.mutate()}
          loading={pick.isPending}
        >
          {t("exchange.receive.pick")}
        </Button>
      </Stack>
    </Paper>
  );
}

type PickedProps = { file: app.PickedFile; verify: boolean; onLeave: () => void };

/** One file, from its passphrase to what became of it. The passphrase is kept for as long as the file is looked at. */
function Picked({ file, verify, onLeave }: PickedProps) {
  const { t } = useTranslation();
  const size = useSize();
  const passphrase = useRef("");
  const [tried, setTried] = useState(0);
  const open = (words: string) => {
    passphrase.current = words;
    setTried((n) => n + 1);
  };
  const ready = !file.look.sealed || tried > 0;
  const proves = file.look.evidence || verify;
  const given = () => passphrase.current;
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Box miw={0}>
          <Text component="h2" size="lg" fw={620} style={{ overflowWrap: "anywhere" }}>
            {file.name}
          </Text>
          <Text size="sm" c="dimmed">
            {t(
              file.look.evidence
                ? "exchange.receive.isEvidence"
                : file.look.sealed
                  ? "exchange.receive.isSealed"
                  : "exchange.receive.isBundle",
              { size: size(file.look.bytes) },
            )}
          </Text>
        </Box>
        <Button variant="subtle" onClick={onLeave}>
          {t("exchange.receive.other")}
        </Button>
      </Group>
      {!ready && <Unlock onOpen={open} />}
      {ready && proves && <Proof file={file} tried={tried} passphrase={given} onOpen={open} />}
      {ready && !proves && (
        <Preview file={file} tried={tried} passphrase={given} onOpen={open} onLeave={onLeave} />
      )}
    </Stack>
  );
}

/** The passphrase that the sender told. */
function Unlock({ onOpen, wrong }: { onOpen: (words: string) => void; wrong?: boolean }) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (words) onOpen(words);
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <PasswordInput
          flex="0 1 420px"
          label={t("exchange.passphrase.enter")}
          error={wrong ? t("exchange.passphrase.wrong") : undefined}
          value={words}
          onChange={(e) => setWords(e.currentTarget.value)}
          autoComplete="off"
          data-autofocus
          visibilityToggleButtonProps={{ "aria-label": t("exchange.passphrase.show") }}
        />
        <Button type="submit" leftSection={<IconLock size={16} aria-hidden />}>
          {t("exchange.passphrase.open")}
        </Button>
      </Group>
    </form>
  );
}

type LookProps = {
  file: app.PickedFile;
  tried: number;
  passphrase: () => string;
  onOpen: (words: string) => void;
};

function Proof({ file, tried, passphrase, onOpen }: LookProps) {
  const { t } = useTranslation();
  const report = useQuery(fileReport(file.token, tried, passphrase));
  if (report.error?.code === "bundle_passphrase") return <Unlock key={tried} onOpen={onOpen} wrong />;
  if (report.error)
    return (
      <FaultAlert
        title={t("exchange.receive.notProved")}
        fault={report.error}
        onRetry={() => report.refetch()}
        retrying={report.isFetching}
      />
    );
  if (!report.data) return <Looking />;
  return <Report report={report.data} />;
}

function Looking() {
  const { t } = useTranslation();
  return (
    <Waiting
      label={t("exchange.receive.looking")}
      labelFor={(seconds) => t("exchange.receive.lookingFor", { seconds })}
    />
  );
}

/** A bundle of another workspace: an invitation opens that one beside this, which stays as it is. */
function Elsewhere({
  file,
  fault,
  passphrase,
}: {
  file: app.PickedFile;
  fault: Fault;
  passphrase: () => string;
}) {
  const { t } = useTranslation();
  const join = useAct(() => joinPicked(file.token, passphrase()), { key: ["join-workspace"] });
  return (
    <Stack gap="sm" align="flex-start">
      <FaultAlert title={t("exchange.receive.refused")} fault={fault} />
      <Text size="sm" maw={736}>
        {t("exchange.receive.joinMeans")}
      </Text>
      <Button
        variant="default"
        leftSection={<IconUserPlus size={16} aria-hidden />}
        onClick={() => join.mutate()}
        loading={join.isPending}
      >
        {t("exchange.receive.join")}
      </Button>
    </Stack>
  );
}

function Preview({ file, tried, passphrase, onOpen, onLeave }: LookProps & { onLeave: () => void }) {
  const { t } = useTranslation();
  const preview = useQuery(bundlePreview(file.token, tried, passphrase));
  const take = useAct((seen: string) => importBundle(file.token, passphrase(), seen), {
    key: ["import-bundle"],
  });
  if (preview.error?.code === "bundle_passphrase") return <Unlock key={tried} onOpen={onOpen} wrong />;
  if (preview.error?.code === "bundle_other_workspace")
    return <Elsewhere file={file} fault={preview.error} passphrase={passphrase} />;
  if (preview.error)
    return (
      <FaultAlert
        title={t("exchange.receive.refused")}
        fault={preview.error}
        onRetry={() => preview.refetch()}
        retrying={preview.isFetching}
      />
    );
  if (take.data) return <Delivered delivery={take.data} done />;
  if (!preview.data) return <Looking />;
  const seen = preview.data.bundle;
  return (
    <>
      <Delivered delivery={preview.data} />
      <Group gap="sm">
        {!preview.data.nothing && (
          <Button
            leftSection={<IconFileImport size={16} aria-hidden />}
            onClick={() => take.mutate(seen)}
            loading={take.isPending}
          >
            {t("exchange.receive.import")}
          </Button>
        )}
        <Button variant="default" onClick={onLeave}>
          {t("exchange.receive.leave")}
        </Button>
        {!preview.data.nothing && (
          <Text size="sm" c="dimmed">
            {t("exchange.receive.importMeans")}
          </Text>
        )}
      </Group>
    </>
  );
}
