import { Alert, Anchor, Box, Group, NavLink, ScrollArea, Text, TextInput } from "@mantine/core";
import { IconArrowLeft, IconArrowRight, IconSearch } from "@tabler/icons-react";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTitle } from "@/components/use-title";
import { useTranslation } from "@/i18n/use-translation";
import { Markdown } from "./markdown";
import { order, pageOf, search, titleOf } from "./pages";

/** The guide for admins: the pages at the left, one of them at the right. */
export function GuidePage() {
  const { t, i18n } = useTranslation();
  const { page: asked = order[0] } = useParams({ strict: false }) as { page?: string };
  const [words, setWords] = useState("");
  const found = search(words, i18n.language);
  const name = order.find((p) => p === asked) ?? order[0];
  const page = pageOf(name, i18n.language);
  const title = (p: string) => titleOf(pageOf(p, i18n.language)?.text ?? "");
  useTitle(title(name));
  const at = order.indexOf(name);
  const top = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page begins at its top
  useEffect(() => {
    if (top.current) top.current.scrollTop = 0;
  }, [name]);
  return (
    <Group align="stretch" gap={0} wrap="nowrap" className="fill">
      <Box
        component="nav"
        aria-label={t("guide.pages")}
        p="md"
        w="15rem"
        maw="34%"
        flex="none"
        className="guide-side"
      >
        <TextInput
          size="xs"
          mb="sm"
          aria-label={t("guide.search")}
          placeholder={t("guide.search")}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={words}
          onChange={(e) => setWords(e.currentTarget.value)}
        />
        {found.map((p) => (
          <NavLink
            key={p}
            component={Link}
            to={`/guide/${p}`}
            active={p === name}
            className="nav-link"
            label={title(p)}
            aria-current={p === name ? "page" : undefined}
          />
        ))}
        {found.length === 0 && (
          <Text size="sm" c="dimmed" role="status">
            {t("guide.nothing", { words })}
          </Text>
        )}
      </Box>
      <ScrollArea
        flex={1}
        miw={0}
        viewportRef={top}
        viewportProps={{ tabIndex: 0, role: "region", "aria-label": title(name) }}
      >
        <Box component="article" p="lg" maw="46rem" lang={page?.foreign ? "en" : undefined}>
          {page?.foreign && (
            <Alert color="blue" p="xs" mb="md">
              {t("guide.foreign")}
            </Alert>
          )}
          <Markdown page={page?.text ?? ""} />
          <Group justify="space-between" mt="xl" pt="sm" className="ruled-above">
            <Beside page={order[at - 1]} title={title} back />
            <Beside page={order[at + 1]} title={title} />
          </Group>
        </Box>
      </ScrollArea>
    </Group>
  );
}

function Beside({ page, title, back }: { page?: string; title: (p: string) => string; back?: boolean }) {
  if (!page) return <span />;
  const Icon = back ? IconArrowLeft : IconArrowRight;
  return (
    <Anchor component={Link} to={`/guide/${page}`} size="sm">
      <Group gap={4} wrap="nowrap">
        {back && <Icon size={14} aria-hidden />}
        {title(page)}
        {!back && <Icon size={14} aria-hidden />}
      </Group>
    </Anchor>
  );
}
