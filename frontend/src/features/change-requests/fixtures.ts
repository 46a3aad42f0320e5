import { governance, type store, type workspace } from "@/api/models";

const {
  Action,
  Category,
  Change,
  ChangeLevel,
  ChangeType,
  DeployTransport,
  EnvironmentKind,
  Role,
  SignInMethod,
  Status,
} = governance;

export const never = "0001-01-01T00:00:00Z";
export const ana: workspace.Person = { id: "ana", name: "Ana Requester", roles: ["requester"] };
export const bo: workspace.Person = { id: "bo", name: "Bo Approver", roles: ["approver"] };

export const nothingSaid: workspace.Said = { text: "", code: "", params: {} };

export const row = (over: Partial<workspace.RequestRow>): workspace.RequestRow => ({
  id: over.label ?? "id",
  label: "CR-0001",
  name: "Discount approval",
  type: ChangeType.Minor,
  status: Status.InProgress,
  deployed: [],
  authors: [ana],
  customizations: 1,
  waiting: false,
  updatedAt: "2026-03-01T10:00:00Z",
  createdAt: "2026-03-01T10:00:00Z",
  ...over,
});

export const content = (over: Partial<workspace.ContentItem>): workspace.ContentItem => ({
  type: "CustomField",
  name: "Account.Tier__c",
  action: Change.Change,
  category: Category.DataModel,
  level: ChangeLevel.SandboxDevelopmentTesting,
  exists: true,
  manifest: "",
  by: "Ingrid Solberg",
  at: "2026-02-01T10:00:00Z",
  package: "",
  ...over,
});

export const scanned = (over: Partial<store.ScanItem>): store.ScanItem => ({
  scanId: "s",
  type: "CustomField",
  name: "Account.Tier__c",
  fileName: "",
  metadataId: "",
  namespacePrefix: "",
  createdByName: "",
  lastModifiedByName: "Ingrid Solberg",
  lastModifiedAt: "2026-02-01T10:00:00Z",
  manageableState: "",
  ...over,
});

export const uat: workspace.EnvironmentView = {
  environment: {
    id: "uat",
    name: "Demo UAT",
    kind: EnvironmentKind.Demo,
    url: "",
    signIn: SignInMethod.Password,
    username: "",
    deployBy: DeployTransport.Soap,
    consumerKey: "",
    organizationId: "",
    organizationName: "",
    apiVersion: "64.0",
    testedAt: never,
    createdAt: never,
    updatedAt: never,
  },
  production: false,
  inventory: { environmentId: "uat", name: "Demo UAT", at: new Date().toISOString(), count: 2 },
  hasCredentials: true,
  workId: "",
  records: 0,
} as workspace.EnvironmentView;

type Over = Partial<Omit<workspace.RequestView, "request">> & { request?: Partial<governance.ChangeRequest> };

const states = (allowed: governance.Action[]): governance.ActionState[] =>
  Object.values(Action).map((action) => ({
    action,
    allowed: allowed.includes(action),
    why: allowed.includes(action) ? "" : `It cannot be ${action}.`,
    needsReason: action === Action.Cancel || action === Action.Recall,
    step: 0,
  }));

/** A draft of Ana's that can be submitted; over says what is otherwise. Allowed are the actions that can be done. */
export function view(
  over: Over = {},
  allowed: governance.Action[] = [Action.Submit, Action.Cancel],
): workspace.RequestView {
  const { request, ...rest } = over;
  return {
    request: {
      id: "cr42",
      number: 42,
      name: "Discount approval",
      overview: "Partners get a discount.",
      type: ChangeType.Minor,
      supportingText: "",
      externalLink: "",
      externalNumber: "",
      attachments: [],
      changeSets: [],
      manifests: [],
      customizations: [],
      authors: ["ana"],
      status: Status.InProgress,
      round: 0,
      revision: "",
      parents: [],
      createdAt: "2026-03-01T10:00:00Z",
      updatedAt: "2026-03-01T10:00:00Z",
      ...request,
    },
    label: "CR-0042",
    authors: [ana],
    locked: false,
    count: 1,
    existing: 1,
    actions: states(allowed),
    next: {
      code: "submit",
      sentence: "Submit it for approval. It needs 1 approval: approver.",
      action: Action.Submit,
      who: [],
      said: nothingSaid,
    },
    seats: {
      level: ChangeLevel.ChangeRequest,
      rule: "Change Requests: Change Request needs 1 approver.",
      seats: [{ step: 0, role: Role.Approver, at: never, reason: "", may: [bo] }],
      filled: false,
      refused: [],
      expires: never,
      expired: false,
      expected: true,
      said: nothingSaid,
    },
    checks: [{ code: "name", ok: true, message: "It has a name.", remedy: "", who: [] }],
    trouble: [],
    reason: "",
    records: [],
    places: [],
    inventory: { environmentId: "uat", name: "Demo UAT", at: "2026-03-01T10:00:00Z", count: 2 },
    canUndo: false,
    canRedo: false,
    canDelete: true,
    digest: "h1:abcdef0123456789",
    notes: [],
    ...rest,
  } as workspace.RequestView;
}
