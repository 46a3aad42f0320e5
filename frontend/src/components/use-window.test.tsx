import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { Fault } from "@/api/fault";
import { pageSize } from "@/api/pages";
import { useWindow } from "./use-window";

test("a page that cannot be read says so beside the rows that are there, and is tried again", async () => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const total = pageSize * 3;
  let broken = true;
  const { result } = renderHook(
    () =>
      useWindow<number, { items: number[]; total: number }>((offset) => ({
        queryKey: ["numbers", offset],
        queryFn: async () => {
          if (offset > 0 && broken) throw new Fault("busy", "The database is busy.");
          return { items: Array.from({ length: pageSize }, (_, i) => offset + i), total };
        },
      })),
    { wrapper: ({ children }) => <QueryClientProvider client={client}>{children}</QueryClientProvider> },
  );
  await waitFor(() => expect(result.current.items[0]).toBe(0));
  expect(result.current.fault).toBeUndefined();
  act(() => result.current.onSeen(pageSize, pageSize + 10));
  await waitFor(() => expect(result.current.fault?.code).toBe("busy"));
  expect(result.current.items[0]).toBe(0);
  broken = false;
  act(() => result.current.again());
  await waitFor(() => expect(result.current.items[pageSize]).toBe(pageSize));
  expect(result.current.fault).toBeUndefined();
});
