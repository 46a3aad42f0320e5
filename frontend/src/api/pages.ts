/** How many rows a list reads at a time where one looks. */
export const pageSize = 200;

/** Where the next page of a list starts, or undefined when all is there. */
export function nextOffset(last: { items: unknown[]; total: number }, all: { items: unknown[] }[]) {
  const shown = all.reduce((n, page) => n + page.items.length, 0);
  return last.items.length > 0 && shown < last.total ? shown : undefined;
}
