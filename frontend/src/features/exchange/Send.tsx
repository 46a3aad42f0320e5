import { Box, Group, Radio, Stack, Text } from "@mantine/core";
import { IconFileExport } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { exportBundle } from "@/api/exchange";
import type { store } from "@/api/models";
import { useAct } from "@/components/use-act";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { isStrong, Passphrase } from "./Passphrase";
import { RequestChoice } from "./RequestChoice";
import { Saved, useHeld } from "./Saved";

const kinds = ["requests", "all", "charter"] as const;
type Kind = (typeof kinds)[number];

/** What goes to colleagues: requests, everything, or what somebody new needs. What is chosen is in the address. */
export function Send() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const kind: Kind = kinds.find((word) => word === search.kind) ?? "requests";
  const chosen = search.request ? search.request.split(",") : [];
  const held = useHeld();
  const [passphrase, setPassphrase] = useState<string>();
  const save = useAct((what: store.Selection) => exportBundle(what, passphrase ?? ""), {
    key: ["export-bundle"],
  });
  const put = (part: { kind?: string; request?: string }) => {
    save.reset(); // what was saved is not what is chosen now
    void navigate({ to: ".", replace: true, search: (old) => ({ ...old, ...part }) });
  };
  const encrypt = (words: string | undefined) => {
    save.reset();
    setPassphrase(words);
  };
  const file = save.data;
  const { requests = 0, records = 0, acts = 0, drafts = 0 } = file?.exported ?? {};
  const why =
    kind === "requests" && chosen.length === 0
      ? t("exchange.send.chooseFirst")
      : passphrase !== undefined && !isStrong(passphrase)
        ? t("exchange.passphrase.weak")
        : "";
  return (
    <Stack gap="lg">
      <Text size="md" maw={736}>
        {t("exchange.send.means")}
      </Text>
      <Radio.Group label={t("exchange.send.what")} value={kind} onChange={(to) => put({ kind: to })}>
        <Stack gap="xs" mt="xs">
          {kinds.map((word) => (
            <Radio
              key={word}
              value={word}
              label={t(`exchange.send.${word}`)}
              description={t(`exchange.send.${word}Means`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {kind === "requests" && (
        <RequestChoice chosen={chosen} onChange={(ids) => put({ request: ids.join(",") || undefined })} />
      )}
      <Passphrase value={passphrase} onChange={encrypt} />
      <Box>
        <Group gap="sm">
          <WhyButton
            allowed={why === ""}
            why={why}
            said={why ? "send-why" : undefined}
            loading={save.isPending}
            leftSection={<IconFileExport size={16} aria-hidden />}
            onClick={() => save.mutate({ requests: kind === "requests" ? chosen : [], all: kind === "all" })}
          >
            {kind === "requests" && chosen.length > 0
              ? t("exchange.send.saveCount", { count: chosen.length })
              : t("exchange.send.save")}
          </WhyButton>
          {why && (
            <Text id="send-why" size="sm" c="dimmed">
              {why}
            </Text>
          )}
        </Group>
        {file?.name && (
          <Saved file={file} title={t("exchange.send.done")} sum={file.exported.sha256}>
            {t("exchange.send.holds", { list: held({ requests, records, acts, drafts }) })}{" "}
            {t(passphrase === undefined ? "exchange.send.thenPlain" : "exchange.send.thenSealed")}
          </Saved>
        )}
      </Box>
    </Stack>
  );
}
