import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useLocation, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { prefer, preferences } from "@/api/settings";
import { useWindowWidth } from "@/components/use-window-width";

const keyOf = (workspace: string) => `last.place.${workspace}`;
const settleInMs = 400;

/** A place of the window that may be gone to: a path of ours, never the first page. */
export const isPlace = (href: string) => /^\/(?!\/)/.test(href) && !href.startsWith("/start");

/**
 * Goes to where the person was when this workspace was open last, tab and filters included, and keeps where they are.
 * A window that was opened at a place of its own, such as after a reload, stays there.
 */
export function useLastPlace(workspace: string) {
  const router = useRouter();
  const href = useLocation({ select: (l) => l.href });
  const last = useQuery(preferences).data?.[keyOf(workspace)];
  const read = useQuery(preferences).isFetched;
  const restored = useRef("");
  // Told to the backend only: nothing on the screen depends on it, so nothing need be drawn again.
  const keep = useDebouncedCallback((id: string, place: string) => {
    void prefer(keyOf(id), place).catch(() => {}); // a place that is not kept is no loss worth a message
  }, settleInMs);

  useEffect(() => {
    if (!read) return;
    if (restored.current !== workspace) {
      restored.current = workspace;
      if (href === "/" && last && isPlace(last)) {
        router.history.replace(last);
        return;
      }
    }
    if (isPlace(href)) keep(workspace, href);
  }, [read, workspace, href, last, router, keep]);
}

const indexOf = ({ state }: { state: object }) => (state as { __TSR_index?: number }).__TSR_index ?? 0;

/** Whether there is a place to go back or forward to in this window. */
export function useTravel() {
  const router = useRouter();
  const [travel, setTravel] = useState(() => ({
    back: indexOf(router.history.location) > 0,
    forward: false,
  }));
  useEffect(() => {
    let end = indexOf(router.history.location);
    return router.history.subscribe(({ location, action }) => {
      const at = indexOf(location);
      end = action.type === "PUSH" ? at : Math.max(end, at);
      const now = { back: at > 0, forward: at < end };
      setTravel((old) => (old.back === now.back && old.forward === now.forward ? old : now));
    });
  }, [router]);
  useEffect(() => {
    // The fourth and fifth buttons of a mouse, which some web views leave alone and others follow themselves.
    const press = (e: MouseEvent) => {
      if (e.button !== 3 && e.button !== 4) return;
      e.preventDefault();
      if (e.type === "mouseup") router.history[e.button === 3 ? "back" : "forward"]();
    };
    window.addEventListener("mousedown", press);
    window.addEventListener("mouseup", press);
    return () => {
      window.removeEventListener("mousedown", press);
      window.removeEventListener("mouseup", press);
    };
  }, [router]);
  return travel;
}

const narrowInEm = 48;

/** Whether the window is narrow for its text, so that the navigation shows icons only. */
export function useNarrow(textSize: string) {
  const width = useWindowWidth();
  const em = (16 * (Number(textSize) || 100)) / 100;
  return width > 0 && width / em < narrowInEm;
}
