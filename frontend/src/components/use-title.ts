import { useLayoutEffect } from "react";

const ofTheWindow = "Countersign";

/** Names the page: for who hears it read aloud, and for the file that is printed from it. It goes with the page. */
export function useTitle(title: string) {
  useLayoutEffect(() => {
    document.title = title || ofTheWindow;
    return () => {
      document.title = ofTheWindow;
    };
  }, [title]);
}
