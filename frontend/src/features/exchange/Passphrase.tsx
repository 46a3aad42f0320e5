import { PasswordInput, Switch } from "@mantine/core";
import { useTranslation } from "@/i18n/use-translation";

/** As backend/ledger/sealed.go asks for it. */
export const leastCharacters = 10;

/** Characters as the backend counts them, not UTF-16 units. */
export const isStrong = (passphrase: string) => [...passphrase].length >= leastCharacters;

type Props = { value: string | undefined; onChange: (value: string | undefined) => void };

/** Whether a file is encrypted, and with what. Undefined: it is not. */
export function Passphrase({ value, onChange }: Props) {
  const { t } = useTranslation();
  const count = [...(value ?? "")].length;
  return (
    <div>
      <Switch
        label={t("exchange.passphrase.use")}
        description={t("exchange.passphrase.why")}
        checked={value !== undefined}
        onChange={(e) => onChange(e.currentTarget.checked ? "" : undefined)}
      />
      {value !== undefined && (
        <PasswordInput
          mt="sm"
          maw={420}
          label={t("exchange.passphrase.label")}
          description={
            isStrong(value)
              ? t("exchange.passphrase.strong")
              : t("exchange.passphrase.rule", { count: leastCharacters, have: count })
          }
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={value}
          onChange={(e) => onChange(e.currentTarget.value)}
          autoComplete="off"
          maxLength={500}
          visibilityToggleButtonProps={{ "aria-label": t("exchange.passphrase.show") }}
        />
      )}
    </div>
  );
}
