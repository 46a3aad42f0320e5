import { Box, Stack } from "@mantine/core";
import type { ReactNode } from "react";

/** Takes the height that a column of the page leaves, at least so much, and gives what is in it a height to scroll in. */
export function FillHeight({ least = 320, children }: { least?: number; children: ReactNode }) {
  return (
    <Box pos="relative" flex="1 1 auto" mih={least}>
      <Box pos="absolute" inset={0}>
        {children}
      </Box>
    </Box>
  );
}

const highAsWindow =
  "calc(100dvh - var(--app-shell-header-height, 48px) - var(--app-shell-footer-height, 26px))";

/** A page as high as the window at least, in which one part can fill what the others leave. */
export function FullPage({ children }: { children: ReactNode }) {
  return (
    <Box px="lg" py="md" display="flex" mih={highAsWindow} style={{ flexDirection: "column" }}>
      {children}
    </Box>
  );
}

/** A page about what is done to an org: beside production it has the red edge, from top to bottom. */
export function OrgPage({ production, children }: { production: boolean; children: ReactNode }) {
  return (
    <Box className={production ? "production-edge" : undefined} mih={highAsWindow}>
      <Stack gap="md" px="lg" py="md" maw={1680}>
        {children}
      </Stack>
    </Box>
  );
}
