import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import {
  checkDependencies,
  deleteRecord,
  doOnRecord,
  runRecordScan,
  startAttempt,
} from "@/api/deployment-records";
import { testConnection } from "@/api/environments";
import { governance, type workspace } from "@/api/models";
import { keyOfAct, useAct } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";

/** What is asked of the person before it is done: a lifecycle action, or what changes the target. */
type Question =
  | { about: "action"; action: governance.Action }
  | { about: "attempt"; kind: governance.AttemptKind.Deploy | governance.AttemptKind.Quick };

/** All that a person can do on a record's page. What is signed or changes the target is asked about first. */
export function useRecordActs(view: workspace.RecordView) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [question, ask] = useState<Question>();
  const id = view.record.id;
  const over = () => ask(undefined);
  const scan = useAct(() => runRecordScan(id), { key: ["scan-record", id] });
  const dependencies = useAct(() => checkDependencies(id), { key: ["dependencies", id] });
  const test = useAct(
    async (environments: string[]) => {
      const said: string[] = [];
      for (const environment of environments) said.push((await testConnection(environment)).sentence);
      return said;
    },
    { key: ["test-record", id], done: (said) => said.join(" ") },
  );
  const attempt = useAct(
    (a: { kind: governance.AttemptKind; typed: string }) => startAttempt(id, a.kind, a.typed),
    { key: keyOfAct.attempt(id), onDone: over },
  );
  const wish = useAct(
    (w: { action: governance.Action; reason: string }) => doOnRecord(id, { ...w, seen: view.digest }),
    {
      key: keyOfAct.lifecycle(id),
      onDone: over,
      done: (after) =>
        t("deployments.did", {
          label: after.label,
          status: t(`status.${after.record.status}`, { defaultValue: after.record.status }),
        }),
    },
  );
  const remove = useAct(() => deleteRecord(id), {
    done: () => t("deployments.deleted", { label: view.label }),
    onDone: () => void navigate({ to: "/deployments", replace: true }),
  });
  const actionOf = (action: governance.Action) => view.actions.find((a) => a.action === action);
  return {
    view,
    question,
    ask,
    over,
    actionOf,
    scan,
    dependencies,
    test,
    attempt,
    wish,
    remove,
    testBoth: () => test.mutate([...new Set([view.record.sourceId, view.record.targetId])]),
    start: (kind: governance.AttemptKind) => attempt.mutate({ kind, typed: "" }),
    deploy: () => ask({ about: "attempt", kind: governance.AttemptKind.Deploy }),
    quick: () => ask({ about: "attempt", kind: governance.AttemptKind.Quick }),
    review: () => void navigate({ to: "/deployments/$id/review", params: { id } }),
    openLog: (log: string) => void navigate({ to: "/logs/$id", params: { id: log } }),
  };
}

export type RecordActs = ReturnType<typeof useRecordActs>;

/** The button of a step, or of the one next sentence: its words and what it does. */
export function stepButton(code: string, acts: RecordActs) {
  const { view } = acts;
  const { Retrieve, Validate } = governance.AttemptKind;
  const { Submit, Reopen, Complete } = governance.Action;
  const newest = view.steps.find((s) => s.state === "failed" && s.logId)?.logId ?? view.logs[0]?.id ?? "";
  const all: Record<string, { press: () => void; pending: boolean }> = {
    environments: { press: acts.testBoth, pending: acts.test.isPending },
    scan: { press: () => acts.scan.mutate(), pending: acts.scan.isPending },
    submit: { press: () => acts.ask({ about: "action", action: Submit }), pending: acts.wish.isPending },
    approve: { press: acts.review, pending: false },
    reject: { press: acts.review, pending: false },
    reopen: { press: () => acts.ask({ about: "action", action: Reopen }), pending: acts.wish.isPending },
    retrieve: { press: () => acts.start(Retrieve), pending: acts.attempt.isPending },
    dependencies: { press: () => acts.dependencies.mutate(), pending: acts.dependencies.isPending },
    validate: { press: () => acts.start(Validate), pending: acts.attempt.isPending },
    deploy: { press: acts.deploy, pending: acts.attempt.isPending },
    quick: { press: acts.quick, pending: acts.attempt.isPending },
    complete: { press: () => acts.ask({ about: "action", action: Complete }), pending: acts.wish.isPending },
    "open-log": { press: () => acts.openLog(newest), pending: false },
  };
  const button = all[code];
  return button ? { ...button, word: `deployments.button.${code}` } : undefined;
}
