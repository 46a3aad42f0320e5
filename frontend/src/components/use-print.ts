import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Fault } from "@/api/fault";
import { printPage } from "@/api/settings";
import { useTellFault } from "./use-act";

/** What draws a page's own sheet before the printer looks at it. */
const sheets = new Set<() => Promise<void>>();

/** A page that has more to print than is on the screen draws it in prepare, and takes it away in done. */
export function usePrintSheet(prepare: () => Promise<void>, done: () => void) {
  const newest = useRef({ prepare, done });
  newest.current = { prepare, done };
  useEffect(() => {
    const draw = () => newest.current.prepare();
    const over = () => newest.current.done();
    sheets.add(draw);
    window.addEventListener("afterprint", over);
    return () => {
      sheets.delete(draw);
      window.removeEventListener("afterprint", over);
    };
  }, []);
}

const drawn = () => new Promise((now) => requestAnimationFrame(() => requestAnimationFrame(now)));

/** Prints the page: the one way for the menus and the keys. */
export function usePrint() {
  const tell = useTellFault();
  return useMutation({
    networkMode: "always",
    mutationFn: async () => {
      for (const draw of sheets) await draw();
      await drawn();
      await printPage();
    },
    onError: (thrown) => tell(Fault.from(thrown)),
  });
}
