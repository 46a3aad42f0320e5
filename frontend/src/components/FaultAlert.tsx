import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { Fault } from "@/api/fault";
import { useTranslation } from "@/i18n/use-translation";
import { CopyText } from "./CopyText";
import { faultHint, faultTitle } from "./use-act";

type Props = {
  title: string;
  fault: Fault;
  /** It is all that the page shows, so its title is the page's heading. */
  alone?: boolean;
  onRetry?: () => void;
  retrying?: boolean;
};

/** What went wrong and what to do, with the way to try again and the details to pass on. */
export function FaultAlert({ title, fault, alone, onRetry, retrying }: Props) {
  const { t } = useTranslation();
  const details = [fault.code, fault.message, fault.hint].filter(Boolean).join("\n");
  return (
    <Alert
      color="red"
      variant="light"
      title={
        alone ? (
          <Text component="h1" inherit>
            {title}
          </Text>
        ) : (
          title
        )
      }
      icon={<IconAlertTriangle aria-hidden />}
      role="alert"
    >
      <Text size="md">{faultTitle(t, fault)}</Text>
      {fault.hint && (
        <Text size="md" mt={4} fw={500}>
          {faultHint(t, fault)}
        </Text>
      )}
      <Group mt="md" gap="xs">
        {onRetry && (
          <Button size="xs" onClick={onRetry} disabled={retrying}>
            {t("fault.retry")}
          </Button>
        )}
        <CopyText value={details}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy}>
              {copied ? t("fault.copied") : t("fault.copy")}
            </Button>
          )}
        </CopyText>
      </Group>
    </Alert>
  );
}
