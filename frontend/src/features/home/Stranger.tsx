import { Box, Button, Group, Text, Title } from "@mantine/core";
import { IconBook, IconKey } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { members } from "@/api/members";
import { useTitle } from "@/components/use-title";
import { useTranslation } from "@/i18n/use-translation";

/** Home of somebody who joined with an invitation and is no member yet: what is still to be done, and by whom. */
export function Stranger({ name }: { name: string }) {
  const { t } = useTranslation();
  const asked = useQuery(members).data?.own?.asked ?? false;
  const stage = asked ? "asked" : "new";
  useTitle(t(`home.stranger.${stage}.title`));
  return (
    <Box px="lg" py="xl" maw={640} mx="auto">
      <Title order={1} fz={22} lh={1.3}>
        {t(`home.stranger.${stage}.title`)}
      </Title>
      <Text size="md" mb="lg">
        {t(`home.stranger.${stage}.text`, { name })}
      </Text>
      <Group gap="xs">
        <Button
          leftSection={<IconKey size={16} aria-hidden />}
          renderRoot={(props) => <Link {...props} to="/members" />}
        >
          {t(`home.stranger.${stage}.go`)}
        </Button>
        <Button
          variant="subtle"
          leftSection={<IconBook size={16} aria-hidden />}
          renderRoot={(props) => <Link {...props} to="/guide/$page" params={{ page: "members" }} />}
        >
          {t("home.guide")}
        </Button>
      </Group>
    </Box>
  );
}
