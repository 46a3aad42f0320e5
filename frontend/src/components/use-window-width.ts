import { useSyncExternalStore } from "react";

const subscribe = (tell: () => void) => {
  window.addEventListener("resize", tell);
  return () => window.removeEventListener("resize", tell);
};

const width = () => window.innerWidth;

/** How wide the window is, in px: known at once, so that nothing is drawn for another width first. */
export const useWindowWidth = () => useSyncExternalStore(subscribe, width);
