import { Button, Code, Group, List, Skeleton, Stack, Text } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { signInRecipe } from "@/api/environments";
import { CopyText } from "@/components/CopyText";
import { useTranslation } from "@/i18n/use-translation";

const settings = ["new", "oauth", "callbacks", "scopes", "flow", "secret", "refresh", "policies"] as const;

/** What an administrator sets on the External Client App, in the order of Setup; it can be copied and handed on. */
export function AppRecipe() {
  const { t } = useTranslation();
  const { data: recipe } = useQuery(signInRecipe);
  if (!recipe) return <Skeleton height={240} animate={false} />;
  const callbacks = recipe.callbacks.join("\n");
  const scopes = recipe.scopes.join(", ");
  const words = { scopes, permission: recipe.permission };
  const plain = (text: string) => text.replace(/<\/?\w+>/g, "");
  const whole = settings
    .flatMap((each, i) => [
      `${i + 1}. ${plain(t(`environments.recipe.${each}`, words))}`,
      ...(each === "callbacks" ? recipe.callbacks.map((address) => `   ${address}`) : []),
    ])
    .concat(plain(t("environments.recipe.permission", words)))
    .join("\n");
  return (
    <Stack gap="sm">
      <List type="ordered" size="sm" spacing={6} pr="xs">
        {settings.map((each) => (
          <List.Item key={each}>
            <Marked text={t(`environments.recipe.${each}`, words)} />
            {each === "callbacks" && (
              <Group align="flex-start" gap="xs" mt={4} wrap="nowrap">
                <Code block flex={1} miw={0}>
                  {callbacks}
                </Code>
                <Copy text={callbacks} label={t("environments.recipe.copyCallbacks")} />
              </Group>
            )}
          </List.Item>
        ))}
      </List>
      <Text size="sm">
        <Marked text={t("environments.recipe.permission", words)} />
      </Text>
      <Copy text={whole} label={t("environments.recipe.copyAll")} />
    </Stack>
  );
}

/** A sentence of the recipe: what is pressed in Setup is bold, what is typed there is code. */
function Marked({ text }: { text: string }) {
  const parts = text.split(/<(b|code)>(.*?)<\/\1>/);
  return parts.map((part, at) => {
    // In threes: what stands before a mark, the mark, what is marked.
    if (at % 3 === 1) return null;
    if (at % 3 === 0) return part;
    return parts[at - 1] === "b" ? <b key={part}>{part}</b> : <Code key={part}>{part}</Code>;
  });
}

function Copy({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  return (
    <CopyText value={text}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant="default"
          w="fit-content"
          flex="none"
          leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          onClick={copy}
        >
          {copied ? t("environments.recipe.copied") : label}
        </Button>
      )}
    </CopyText>
  );
}
