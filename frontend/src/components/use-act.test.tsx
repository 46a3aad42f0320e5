import { Button } from "@mantine/core";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Fault } from "@/api/fault";
import { showPages } from "./testing";
import { keyOfAct, useAct, useWaits } from "./use-act";

/** An act that waits until it is answered, as one does for the dialog of the system. */
function waiting() {
  let answer: { yes: () => void; no: (fault: Fault) => void } | undefined;
  const begun = vi.fn(
    () => new Promise<void>((yes, no) => (answer = { yes: () => yes(), no: (fault) => no(fault) })),
  );
  return { begun, yes: () => answer?.yes(), no: (fault: Fault) => answer?.no(fault) };
}

function Deploy({ name, begun }: { name: string; begun: () => Promise<void> }) {
  const act = useAct(begun, { key: keyOfAct.attempt("dr") });
  return (
    <>
      <Button loading={act.isPending} onClick={() => act.mutate()}>
        {name}
      </Button>
      <Button onClick={() => act.mutate()}>{name} by its key</Button>
    </>
  );
}

function Other({ of }: { of: string }) {
  return <p>{useWaits(keyOfAct.attempt(of)) ? `${of} waits` : `${of} is quiet`}</p>;
}

const button = (name: string) => screen.findByRole<HTMLButtonElement>("button", { name });

test("while one waits for an answer, every place that begins the same shows it and begins nothing", async () => {
  const act = waiting();
  showPages(
    {
      "/": () => (
        <>
          <Deploy name="Head" begun={act.begun} />
          <Deploy name="Step" begun={act.begun} />
          <Other of="dr" />
          <Other of="dr2" />
        </>
      ),
    },
    "/",
  );
  await userEvent.click(await button("Head"));
  await waitFor(async () => expect((await button("Step")).disabled).toBe(true));
  expect((await button("Head")).disabled).toBe(true);
  expect(screen.getByText("dr waits")).toBeTruthy();
  expect(screen.getByText("dr2 is quiet")).toBeTruthy();
  await userEvent.click(await button("Head by its key"));
  await userEvent.click(await button("Step by its key"));
  expect(act.begun).toHaveBeenCalledTimes(1);

  act.yes();
  await waitFor(async () => expect((await button("Step")).disabled).toBe(false));
  await userEvent.click(await button("Step"));
  expect(act.begun).toHaveBeenCalledTimes(2);
});

test("whoever answers No to the system is told that nothing was signed and nothing changed", async () => {
  const act = waiting();
  showPages({ "/": () => <Deploy name="Deploy" begun={act.begun} /> }, "/");
  await userEvent.click(await button("Deploy"));
  act.no(new Fault("declined", "You answered No, so nothing was done."));
  expect(await screen.findByText("You answered No: nothing was signed, and nothing changed.")).toBeTruthy();
  await waitFor(async () => expect((await button("Deploy")).disabled).toBe(false));
});
