import { governance, workspace } from "@/api/models";

const { Action, DeployTransport, Status, TestLevel, EnvironmentKind, SignInMethod } = governance;
const { StepCode, StepState } = workspace;

export const never = "0001-01-01T00:00:00Z";
export const lately = "2026-03-10T10:00:00Z";

const said: workspace.Said = { text: "", code: "", params: {} };

export const ana: workspace.Person = { id: "ana", name: "Ana Requester", roles: ["requester"] };
export const dee: workspace.Person = { id: "dee", name: "Dee Release", roles: ["release manager"] };

export const environment = (id: string, name: string, production = false): workspace.EnvironmentView => ({
  environment: {
    id,
    name,
    kind: production ? EnvironmentKind.Production : EnvironmentKind.Sandbox,
    url: "https://test.example",
    signIn: SignInMethod.Password,
    username: `me@${id}`,
    deployBy: DeployTransport.Soap,
    consumerKey: "",
    organizationId: `00D${id}`,
    organizationName: name,
    apiVersion: "68.0",
    testedAt: lately,
    createdAt: lately,
    updatedAt: lately,
  },
  production,
  inventory: { environmentId: id, name, at: lately, count: 10 },
  hasCredentials: true,
  workId: "",
  records: 0,
});

export const uat = environment("uat", "UAT");
export const production = environment("prod", "Production", true);

export const step = (code: workspace.StepCode, over: Partial<workspace.Step> = {}): workspace.Step => ({
  code,
  state: StepState.Open,
  sentence: `${code} as it is`,
  said,
  warning: false,
  at: never,
  allowed: true,
  why: "",
  whyCode: "",
  remedy: "",
  who: [],
  logId: "",
  workId: "",
  checks: [],
  ...over,
});

export const steps = (over: Partial<Record<workspace.StepCode, Partial<workspace.Step>>> = {}) =>
  [
    StepCode.Environments,
    StepCode.Scan,
    StepCode.Approval,
    StepCode.Retrieve,
    StepCode.Dependencies,
    StepCode.Validate,
    StepCode.Deploy,
    StepCode.Complete,
  ].map((code) => step(code, over[code]));

export const requestRow: workspace.RequestRow = {
  id: "cr",
  label: "CR-0042",
  name: "Discount approval",
  type: governance.ChangeType.Minor,
  status: Status.Approved,
  deployed: [],
  authors: [ana],
  customizations: 2,
  waiting: false,
  updatedAt: lately,
  createdAt: lately,
};

export const next = (sentence: string, action = ""): workspace.NextStep => ({
  code: action || "wait",
  sentence,
  action,
  who: [],
  said,
});

export function recordView(
  over: Partial<workspace.RecordView> = {},
  status = Status.Approved,
): workspace.RecordView {
  return {
    record: {
      id: "dr",
      number: 17,
      requestId: "cr",
      kind: governance.RecordKind.Deployment,
      name: "Discount to Production",
      sourceId: "uat",
      targetId: "prod",
      sourceOrg: "",
      targetOrg: "",
      targetKind: EnvironmentKind.Production,
      whole: true,
      customizations: [],
      options: {
        ignoreWarnings: false,
        purgeOnDelete: false,
        rollbackOnError: true,
        testLevel: TestLevel.RunLocalTests,
        tests: [],
      },
      apiVersion: "68.0",
      deployer: "dee",
      requestDigest: "",
      package: "h1:p",
      base: "h1:b",
      sourceNormal: "",
      reverse: "",
      normalForm: 1,
      packageBlob: "",
      baseBlob: "",
      reverseBlob: "",
      scannedAt: lately,
      authors: ["ana"],
      status,
      round: 1,
      revision: "",
      parents: [],
      createdAt: lately,
      updatedAt: lately,
    },
    label: "DR-0017",
    request: requestRow,
    authors: [ana],
    deployer: dee,
    source: uat,
    target: production,
    production: true,
    locked: status !== Status.InProgress,
    count: 2,
    word: "",
    actions: Object.values(Action).map((action) => ({
      action,
      allowed: action === Action.Reopen || action === Action.Cancel,
      why: `No ${action} now.`,
      needsReason: action === Action.Cancel,
      step: 0,
    })),
    next: next("Validate the customizations.", "validate"),
    steps: steps(),
    seats: {
      level: governance.ChangeLevel.ChangeRequest,
      rule: "One approver.",
      seats: [],
      filled: true,
      refused: [],
      refusedSaid: [],
      expires: never,
      expired: false,
      expected: false,
      said,
    },
    trouble: [],
    troubleSaid: [],
    reason: "",
    logs: [],
    quickUntil: never,
    quickWhy: "",
    quickCode: "",
    canDelete: false,
    digest: "h1:0123456789abcdef0123456789abcdef",
    typeName: true,
    ...over,
  };
}
