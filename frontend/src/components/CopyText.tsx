import { type ReactNode, useEffect, useRef, useState } from "react";
import { Fault } from "@/api/fault";
import { copyText } from "@/api/settings";
import { useTellFault } from "./use-act";

const saidForInMs = 1500;

type Props = { value: string; children: (state: { copied: boolean; copy: () => void }) => ReactNode };

/**
 * Puts a text on the clipboard through the system. The page's own clipboard is refused in a window that is not
 * served over https, as ours is on Linux.
 */
export function CopyText({ value, children }: Props) {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const tell = useTellFault();
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = () =>
    void copyText(value).then(
      () => {
        setCopied(true);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setCopied(false), saidForInMs);
      },
      (thrown) => tell(Fault.from(thrown)),
    );
  return children({ copied, copy });
}
