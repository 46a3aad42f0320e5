import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { filledButton } from "@/components/use-next-key";
import { overlay } from "@/components/use-page-keys";

/** Long enough for a page, a list or a closing dialog to put the focus where it belongs by itself. */
const othersFirstInMs = 40;

/** What takes the focus for something inside that went away: see NextBar. */
const keeper = "[data-keeps-focus]";

/**
 * Keeps the place of somebody who uses the keys. A button that is disabled while its work runs, or that goes with the
 * page or the state it belonged to, would leave the focus nowhere: it goes to the next bar it was in or else to the
 * page, and back as soon as the button can be pressed again. With a mouse nothing moves.
 */
export function useKeptFocus() {
  const path = useLocation({ select: (l) => l.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is what it waits for
  useEffect(() => keepLater(), [path]);
  useEffect(() => {
    const seen = new MutationObserver(() => (waiting || lost()) && keepLater());
    seen.observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ["disabled"],
    });
    const press = () => {
      byKeys = true;
    };
    const point = () => {
      byKeys = false;
    };
    document.addEventListener("keydown", press, true);
    document.addEventListener("pointerdown", point, true);
    document.addEventListener("focusin", remember);
    return () => {
      seen.disconnect();
      clearTimeout(timer);
      timer = undefined;
      document.removeEventListener("keydown", press, true);
      document.removeEventListener("pointerdown", point, true);
      document.removeEventListener("focusin", remember);
      trail = [];
      waiting = undefined;
    };
  }, []);
}

let byKeys = false;
/** What had the focus last outside of dialogs and menus, and all it was in. */
let trail: Element[] = [];
let waiting: { gone: Element; keeper: HTMLElement } | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** WebKit leaves the focus on what was disabled for a while, where no key does anything. */
const lost = () => {
  const at = document.activeElement;
  return !at || at === document.body || at.matches(":disabled");
};

function remember({ target }: FocusEvent) {
  if (!(target instanceof Element) || target === waiting?.keeper || target.closest("[data-portal]")) return;
  waiting = undefined;
  trail = [];
  for (let e: Element | null = target; e; e = e.parentElement) trail.push(e);
}

/** From the first change on: a page that changes all the time, as while something is deployed, must not put it off. */
function keepLater() {
  timer ??= setTimeout(() => {
    timer = undefined;
    keep();
  }, othersFirstInMs);
}

function keep() {
  if (!byKeys || document.querySelector(overlay)) return;
  if (waiting && document.activeElement === waiting.keeper) giveBack(waiting);
  else if (lost()) take();
}

/** The page has no element of its own before the frame stands: then there is nothing to keep. */
function take() {
  const gone = trail[0];
  const place = trail.find((e) => e.isConnected && e.matches(keeper)) ?? document.getElementById("main");
  if (!(place instanceof HTMLElement)) return;
  waiting = gone && { gone, keeper: place };
  place.focus({ preventScroll: true });
  if (waiting) giveBack(waiting);
}

function giveBack({ gone, keeper: place }: { gone: Element; keeper: HTMLElement }) {
  const next = gone.isConnected
    ? gone.matches(":disabled")
      ? null
      : gone
    : place.matches(keeper)
      ? place.querySelector(filledButton)
      : null;
  if (next instanceof HTMLElement && next !== place) next.focus({ preventScroll: true });
}
