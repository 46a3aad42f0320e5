import { Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { importManifestText } from "@/api/change-requests";
import type { Fault } from "@/api/fault";
import { Dialog } from "@/components/Dialog";
import { keysOf } from "@/components/keys";
import { faultHint, faultTitle, useAct } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";
import { useAnswer } from "./Files";

type Props = { id: string; opened: boolean; onClose: () => void };

/** A package manifest as text. What is wrong with it is said under the text, and the text stays. */
export function PasteManifest({ id, opened, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("changeRequests.paste.title")}>
      {opened && <Body id={id} onClose={onClose} />}
    </Dialog>
  );
}

function Body({ id, onClose }: Omit<Props, "opened">) {
  const { t } = useTranslation();
  const [name, setName] = useState("package.xml");
  const [xml, setXml] = useState("");
  const [fault, setFault] = useState<Fault>();
  const answer = useAnswer();
  const take = useAct(() => importManifestText(id, name.trim() || "package.xml", xml), {
    onDone: (view) => {
      answer(view);
      onClose();
    },
    shows: (said) => {
      setFault(said);
      return true;
    },
    done: () => t("changeRequests.paste.done"),
  });
  const send = () => xml.trim() && !take.isPending && take.mutate();
  return (
    <Stack gap="md" onKeyDown={(e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && send()}>
      <Textarea
        data-autofocus
        label={t("changeRequests.paste.text")}
        description={t("changeRequests.paste.hint")}
        autosize
        minRows={10}
        maxRows={20}
        value={xml}
        onChange={(e) => {
          setXml(e.currentTarget.value);
          setFault(undefined);
        }}
        error={fault && `${faultTitle(t, fault)} ${faultHint(t, fault)}`}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
      <TextInput
        label={t("changeRequests.paste.name")}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        spellCheck={false}
      />
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {t("changeRequests.ctrlEnter", { keys: keysOf("mod+Enter") })}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button onClick={send} disabled={!xml.trim()} loading={take.isPending}>
            {t("changeRequests.paste.import")}
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
