import { Notifications } from "@mantine/notifications";
import { useEffect, useRef, useSyncExternalStore } from "react";

let high = 0;
const told = new Set<() => void>();
const subscribe = (tell: () => void) => {
  told.add(tell);
  return () => told.delete(tell);
};

function keep(height: number) {
  if (height === high) return;
  high = height;
  document.documentElement.toggleAttribute("data-notices", height > 0);
  for (const tell of told) tell();
}

/** How much room the messages take now, in pixels: the frame leaves it free. */
export const useNoticesHeight = () => useSyncExternalStore(subscribe, () => high);

/** More than so many at once would leave the page no room; the others wait for their turn. */
const atOnce = 3;

/**
 * Messages have a place of their own above the status bar. While one is shown the page, and a dialog, end above it: no
 * row, button or field is ever under a message.
 */
export function Notices() {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const shelf = place.current?.querySelector('[data-position="bottom-right"]');
    if (!shelf) return;
    const seen = new ResizeObserver(() => keep(shelf.getBoundingClientRect().height));
    seen.observe(shelf);
    return () => {
      seen.disconnect();
      keep(0);
    };
  }, []);
  return (
    <div ref={place}>
      <Notifications
        position="bottom-right"
        transitionDuration={0}
        limit={atOnce}
        withinPortal={false}
        classNames={{ root: "notices", notification: "notice" }}
      />
    </div>
  );
}
