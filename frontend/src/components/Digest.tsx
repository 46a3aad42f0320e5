import { Code, Tooltip, UnstyledButton } from "@mantine/core";
import { useTranslation } from "@/i18n/use-translation";
import { CopyText } from "./CopyText";

/** A digest by its first characters; pressing it copies the whole. */
export function Digest({ value, length = 12 }: { value: string; length?: number }) {
  const { t } = useTranslation();
  if (!value) return null;
  const shown = value.replace(/^h1:/, "").slice(0, length);
  return (
    <CopyText value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t("common.copied") : value} maw={420} multiline openDelay={200}>
          <UnstyledButton onClick={copy} aria-label={t("common.copyDigest", { digest: shown })}>
            <Code className="tabular">{shown}</Code>
          </UnstyledButton>
        </Tooltip>
      )}
    </CopyText>
  );
}
