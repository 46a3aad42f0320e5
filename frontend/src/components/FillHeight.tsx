import { Box } from "@mantine/core";
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

/** A page as high as the window at least, in which one part can fill what the others leave. */
export function FullPage({ children }: { children: ReactNode }) {
  return (
    <Box
      px="lg"
      py="md"
      display="flex"
      mih="calc(100dvh - var(--app-shell-header-height, 48px) - var(--app-shell-footer-height, 26px))"
      style={{ flexDirection: "column" }}
    >
      {children}
    </Box>
  );
}
