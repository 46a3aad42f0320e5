import { useEffect, useRef } from "react";

/** Whether it is the first time that something is there: what a page does once, such as giving its list the focus. */
export function useFirst(there: boolean): boolean {
  const first = useRef(true);
  useEffect(() => {
    if (there) first.current = false;
  }, [there]);
  return first.current;
}

/** The question that what is shown answers: while the answer to another one is awaited, it is the one before. */
export function useQuestion(asked: string, stale: boolean): string {
  const answered = useRef(asked);
  if (!stale) answered.current = asked;
  return answered.current;
}
