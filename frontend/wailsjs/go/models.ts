export namespace app {
	
	export interface About {
	    version: string;
	    data: string;
	    sqlite: string;
	    system: string;
	    license: string;
	}
	export interface PickedFile {
	    token: string;
	    name: string;
	    look: workspace.FileLook;
	}
	export interface SavedFile {
	    token: string;
	    name: string;
	    folder: string;
	    exported: store.Exported;
	    evidence: workspace.EvidenceMade;
	}

}

export namespace governance {
	
	export enum Action {
	    Approve = "approve",
	    Cancel = "cancel",
	    Complete = "complete",
	    Recall = "recall",
	    Reject = "reject",
	    Reopen = "reopen",
	    Submit = "submit",
	    Withdraw = "withdraw",
	}
	export enum AttemptKind {
	    Deploy = "deploy",
	    Quick = "quick",
	    Retrieve = "retrieve",
	    ReverseCheck = "reverse-check",
	    Rollback = "rollback",
	    Validate = "validate",
	}
	export enum Category {
	    Analytics = "Analytics",
	    Automation = "Automation",
	    Code = "Code",
	    Configuration = "Configuration",
	    DataModel = "Data Model",
	    DisplayUI = "Display/UI",
	    Integration = "Integration",
	    SharingAndVisibility = "Sharing and Visibility",
	    Uncategorized = "Uncategorized",
	}
	export enum Change {
	    Add = "add",
	    Change = "change",
	    Delete = "delete",
	}
	export enum ChangeLevel {
	    ChangeRequest = "Change Request",
	    FullSoftwareDevelopmentLifecycle = "Full Software Development Lifecycle",
	    LogChangesOnly = "Log Changes Only",
	    SandboxDevelopmentTesting = "Sandbox Development & Testing",
	}
	export enum ChangeType {
	    Emergency = "Emergency",
	    Major = "Major",
	    Minor = "Minor",
	    Standard = "Standard",
	}
	export enum DeployTransport {
	    Rest = "rest",
	    Soap = "soap",
	}
	export enum EnvironmentKind {
	    Demo = "demo",
	    Production = "production",
	    Sandbox = "sandbox",
	    Scratch = "scratch",
	}
	export enum Progress {
	    Done = "done",
	    Intent = "intent",
	    Running = "running",
	    Sending = "sending",
	    Unknown = "unknown",
	}
	export enum RecordKind {
	    Deployment = "deployment",
	    Rollback = "rollback",
	}
	export enum Result {
	    Canceled = "canceled",
	    Failed = "failed",
	    None = "",
	    NotSent = "not-sent",
	    Partially = "partially",
	    Succeeded = "succeeded",
	}
	export enum Role {
	    Approver = "approver",
	    Auditor = "auditor",
	    Owner = "owner",
	    Recovery = "recovery",
	    ReleaseManager = "release manager",
	    Requester = "requester",
	}
	export enum SignInMethod {
	    Oauth = "oauth",
	    Password = "password",
	    Sf = "sf",
	}
	export enum Status {
	    Approved = "Approved",
	    Cancelled = "Cancelled",
	    Completed = "Completed",
	    InProgress = "In Progress",
	    PendingApproval = "Pending Approval",
	    Rejected = "Rejected",
	}
	export enum TestLevel {
	    NoTestRun = "NoTestRun",
	    None = "",
	    RunAllTestsInOrg = "RunAllTestsInOrg",
	    RunLocalTests = "RunLocalTests",
	    RunRelevantTests = "RunRelevantTests",
	    RunSpecifiedTests = "RunSpecifiedTests",
	}
	export enum Verdict {
	    Accepted = "accepted",
	    Objected = "objected",
	}
	export interface Proxy {
	    delegation: string;
	    member: string;
	    step: number;
	}
	export interface ActionState {
	    action: Action;
	    allowed: boolean;
	    why: string;
	    code?: string;
	    params?: Record<string, string>;
	    needsReason: boolean;
	    step: number;
	    for?: Proxy[];
	}
	export interface ApprovalStep {
	    quorum: number;
	    role: Role;
	}
	export interface Attachment {
	    name: string;
	    sha256: string;
	    size: number;
	}
	export interface CategoryLevel {
	    category: Category;
	    level: ChangeLevel;
	}
	export interface Customization {
	    action: Change;
	    name: string;
	    type: string;
	}
	export interface ManifestMember {
	    names: string[];
	    type: string;
	}
	export interface PackageManifest {
	    apiVersion: string;
	    members: ManifestMember[];
	    name: string;
	}
	export interface ChangeRequest {
	    id: string;
	    number: number;
	    name: string;
	    overview: string;
	    type: ChangeType;
	    emergencyReason: string;
	    incident: string;
	    additionalApprovers: string[];
	    supportingText: string;
	    externalLink: string;
	    externalNumber: string;
	    attachments: Attachment[];
	    changeSets: string[];
	    manifests: PackageManifest[];
	    customizations: Customization[];
	    authors: string[];
	    status: Status;
	    round: number;
	    revision: string;
	    parents: string[];
	    createdAt: string;
	    updatedAt: string;
	}
	export interface Check {
	    code: string;
	    ok: boolean;
	    message: string;
	    remedy: string;
	    params?: Record<string, string>;
	    who: string[];
	}
	export interface ComponentFailure {
	    type: string;
	    name: string;
	    problem: string;
	    line: number;
	    column: number;
	}
	export interface Coverage {
	    name: string;
	    type: string;
	    locations: number;
	    uncovered: number;
	}
	
	export interface DeployOptions {
	    ignoreWarnings: boolean;
	    purgeOnDelete: boolean;
	    rollbackOnError: boolean;
	    testLevel: TestLevel;
	    tests: string[];
	}
	export interface TestFailure {
	    class: string;
	    method: string;
	    message: string;
	    stack: string;
	}
	export interface Outcome {
	    failures: ComponentFailure[];
	    tests: TestFailure[];
	    coverage: Coverage[];
	    warnings: string[];
	    unchanged: string[];
	    simulated: boolean;
	}
	export interface DeploymentLog {
	    id: string;
	    recordId: string;
	    requestId: string;
	    kind: AttemptKind;
	    attempt: number;
	    progress: Progress;
	    result: Result;
	    by: string;
	    targetOrg: string;
	    revision: string;
	    package: string;
	    marker: string;
	    zipSha256: string;
	    asyncId: string;
	    validationId: string;
	    startAct: string;
	    resultAct: string;
	    cancelWanted: boolean;
	    status: string;
	    stateDetail: string;
	    componentsTotal: number;
	    componentsDone: number;
	    componentErrors: number;
	    testsTotal: number;
	    testsDone: number;
	    testErrors: number;
	    message: string;
	    outcome: Outcome;
	    rawBlob: string;
	    startedAt: string;
	    serverBefore: string;
	    sentAt: string;
	    lastContact: string;
	    completedAt: string;
	    serverCompleted: string;
	}
	export interface DeploymentRecord {
	    id: string;
	    number: number;
	    requestId: string;
	    kind: RecordKind;
	    name: string;
	    sourceId: string;
	    targetId: string;
	    sourceOrg: string;
	    targetOrg: string;
	    targetKind: EnvironmentKind;
	    whole: boolean;
	    customizations: Customization[];
	    options: DeployOptions;
	    apiVersion: string;
	    deployer: string;
	    requestDigest: string;
	    package: string;
	    base: string;
	    sourceNormal: string;
	    reverse: string;
	    normalForm: number;
	    packageBlob: string;
	    baseBlob: string;
	    reverseBlob: string;
	    scannedAt: string;
	    authors: string[];
	    status: Status;
	    round: number;
	    revision: string;
	    parents: string[];
	    createdAt: string;
	    updatedAt: string;
	}
	export interface Environment {
	    id: string;
	    name: string;
	    kind: EnvironmentKind;
	    url: string;
	    signIn: SignInMethod;
	    username: string;
	    consumerKey: string;
	    organizationId: string;
	    organizationName: string;
	    apiVersion: string;
	    deployBy: DeployTransport;
	    testedAt: string;
	    createdAt: string;
	    updatedAt: string;
	}
	export interface Freeze {
	    from: string;
	    name: string;
	    until: string;
	}
	
	
	export interface Ownership {
	    members: string[];
	    name: string;
	    names: string[];
	    types: string[];
	}
	
	export interface Window {
	    days: number[];
	    from: string;
	    until: string;
	}
	export interface SeatRule {
	    changeType: ChangeType;
	    level: ChangeLevel;
	    ordered: boolean;
	    steps: ApprovalStep[];
	}
	export interface Policy {
	    approvalDays: number;
	    approverMayDeploy: boolean;
	    authorMayApprove: boolean;
	    authorMayDeploy: boolean;
	    delegation?: boolean;
	    deployerRole: Role;
	    emergencyHours?: number;
	    emergencyInFreeze?: boolean;
	    findingsClose?: boolean;
	    freezes?: Freeze[];
	    kind: EnvironmentKind;
	    levels: CategoryLevel[];
	    name: string;
	    organization: string;
	    overdueReviews?: number;
	    owners?: Ownership[];
	    reviewDays?: number;
	    rules: SeatRule[];
	    severalSeatsEach: boolean;
	    testFirst: boolean;
	    validationDays: number;
	    validationFirst: boolean;
	    windows?: Window[];
	    zone?: string;
	}
	
	export interface Reason {
	    code: string;
	    text: string;
	    params: Record<string, string>;
	}
	
	

}

export namespace ledger {
	
	export interface Head {
	    Size: number;
	    Root: number[];
	}

}

export namespace metadata {
	
	export interface Change {
	    path: string;
	    kind: string;
	    before: string;
	    after: string;
	}
	export interface Key {
	    type: string;
	    name: string;
	}

}

export namespace salesforce {
	
	export enum Stage {
	    Address = "address",
	    Answer = "answer",
	    Api = "api",
	    Clock = "clock",
	    Connection = "connection",
	    Encryption = "encryption",
	    Metadata = "metadata",
	    Name = "name",
	    Org = "org",
	    Proxy = "proxy",
	    Signin = "signin",
	    Version = "version",
	}
	export interface CLIOrg {
	    alias: string;
	    username: string;
	    instanceUrl: string;
	    organizationId: string;
	    kind: string;
	    expired: boolean;
	}
	export interface RequestLimit {
	    max: number;
	    remaining: number;
	}
	export interface Identity {
	    username: string;
	    userId: string;
	    userName: string;
	    organizationName: string;
	    organizationId: string;
	    organizationType: string;
	    namespace: string;
	    kind: string;
	    apiVersion: string;
	    instance: string;
	    instanceUrl: string;
	    dailyApiRequests?: RequestLimit;
	}

}

export namespace scan {
	
	export enum State {
	    Changed = "changed",
	    Delete = "delete",
	    MissingInSource = "missing in source",
	    New = "new",
	    Same = "same",
	}
	export enum Where {
	    Deleted = "deleted",
	    Missing = "missing",
	    Nowhere = "nowhere",
	    Package = "package",
	    Target = "target",
	}
	export interface Item {
	    action: governance.Change;
	    name: string;
	    type: string;
	    state: State;
	    sourceBy: string;
	    sourceAt: string;
	    targetBy: string;
	    targetAt: string;
	    changes: metadata.Change[];
	}
	export interface Comparison {
	    items: Item[];
	    new: number;
	    changed: number;
	    same: number;
	    missingInSource: number;
	    deleted: number;
	    added: governance.Customization[];
	    apiVersion: string;
	    notes: string[];
	    sourceAt: string;
	    targetAt: string;
	}
	export interface Dependency {
	    from: metadata.Key;
	    to: metadata.Key;
	    in: Where;
	    found: string[];
	    where: string;
	    kind: string;
	}
	export interface Dependencies {
	    items: Dependency[];
	    missing: governance.Customization[];
	    checkedAt: string;
	    truncated: boolean;
	    notCovered: string[];
	    notes: string[];
	}
	

}

export namespace store {
	
	export interface DeliveredAct {
	    id: string;
	    type: string;
	    subject: string;
	    about: string;
	    member: string;
	    name: string;
	    asks: boolean;
	    at: string;
	    broken: string;
	}
	export interface DeliveredDraft {
	    request: string;
	    digest: string;
	    name: string;
	    how: string;
	}
	export interface DeliveredRow {
	    id: string;
	    request: string;
	    label: string;
	    name: string;
	    new: boolean;
	    before: string;
	    after: string;
	}
	export interface ForkedKey {
	    key: string;
	    member: string;
	    name: string;
	    seq: number;
	}
	export interface MissingAct {
	    id: string;
	    by: string;
	    ask: string;
	    name: string;
	    about: string;
	    chain: boolean;
	}
	export interface Delivery {
	    bundle: string;
	    workspace: string;
	    exporter: string;
	    from: string;
	    fromName: string;
	    asker: string;
	    created: string;
	    trail: string;
	    nothing: boolean;
	    acts: DeliveredAct[];
	    knownActs: number;
	    requests: DeliveredRow[];
	    records: DeliveredRow[];
	    attempts: number;
	    drafts: DeliveredDraft[];
	    charters: number[];
	    files: number;
	    bytes: number;
	    missing: MissingAct[];
	    forks: ForkedKey[];
	    findings: governance.Reason[];
	}
	export interface EvidenceQuery {
	    request: string;
	    from: string;
	    to: string;
	    environment: string;
	}
	export interface Exported {
	    sha256: string;
	    acts: number;
	    requests: number;
	    records: number;
	    drafts: number;
	    blobs: number;
	}
	export interface Finding {
	    code: string;
	    message: string;
	}
	
	
	export interface Report {
	    entries: number;
	    acts: number;
	    requests: number;
	    records: number;
	    blobs: number;
	    findings: Finding[];
	}
	export interface ScanItem {
	    scanId: string;
	    type: string;
	    name: string;
	    fileName: string;
	    metadataId: string;
	    namespacePrefix: string;
	    createdByName: string;
	    lastModifiedByName: string;
	    lastModifiedAt: string;
	    manageableState: string;
	}
	export interface Selection {
	    requests: string[];
	    all: boolean;
	}
	export interface SentRequest {
	    id: string;
	    at: string;
	    changed: boolean;
	}

}

export namespace workspace {
	
	export enum DiagnosisState {
	    Failed = "failed",
	    Passed = "passed",
	    Skipped = "skipped",
	}
	export enum RosterKind {
	    AddKey = "add key",
	    Admit = "admit",
	    ReplaceKey = "replace key",
	    Retire = "retire",
	    Revoke = "revoke",
	    Roles = "roles",
	    Team = "team",
	    Threshold = "threshold",
	}
	export enum SecretState {
	    Kept = "kept",
	    None = "",
	    Other = "other",
	}
	export enum StepCode {
	    Approval = "approval",
	    Complete = "complete",
	    Dependencies = "dependencies",
	    Deploy = "deploy",
	    Environments = "environments",
	    Retrieve = "retrieve",
	    Scan = "scan",
	    Validate = "validate",
	}
	export enum StepState {
	    Done = "done",
	    Failed = "failed",
	    Locked = "locked",
	    Now = "now",
	    Open = "open",
	    Running = "running",
	    Skipped = "skipped",
	}
	export enum WorkKind {
	    Dependencies = "dependencies",
	    Deploy = "deploy",
	    Inventory = "inventory",
	    Quick = "quick",
	    Retrieve = "retrieve",
	    ReverseCheck = "reverse-check",
	    Scan = "scan",
	    Validate = "validate",
	    Verify = "verify",
	}
	export interface BackupFile {
	    name: string;
	    at: string;
	    size: number;
	    unreadable: boolean;
	    behind: number;
	    warning: string;
	}
	export interface PolicySentence {
	    code: string;
	    text: string;
	    relaxed: boolean;
	    said: Said;
	}
	export interface Said {
	    text: string;
	    code: string;
	    params: Record<string, string>;
	    parts?: Record<string, Said>;
	}
	export interface Calendar {
	    open: boolean;
	    said: Said;
	    sentences: PolicySentence[];
	}
	export interface Capability {
	    allowed: boolean;
	    said: Said;
	}
	export interface CategoryTypes {
	    category: governance.Category;
	    types: string[];
	}
	export interface Cause {
	    problem: string;
	    count: number;
	    failures: governance.ComponentFailure[];
	    missing: governance.Customization[];
	}
	export interface Choice {
	    folder: string;
	    name: string;
	    demo: boolean;
	}
	export interface ClassCoverage {
	    name: string;
	    type: string;
	    locations: number;
	    uncovered: number;
	    percent: number;
	    needed: number;
	}
	export interface Compared {
	    found: scan.Comparison;
	    notesSaid: Said[];
	}
	export interface Connection {
	    identity: salesforce.Identity;
	    sentence: string;
	    said: Said;
	    changed: boolean;
	    offer: string;
	}
	export interface ContentItem {
	    action: governance.Change;
	    name: string;
	    type: string;
	    category: governance.Category;
	    level: governance.ChangeLevel;
	    exists: boolean;
	    manifest: string;
	    by: string;
	    at: string;
	    package: string;
	}
	export interface TypeCount {
	    type: string;
	    count: number;
	}
	export interface ContentPage {
	    items: ContentItem[];
	    total: number;
	    types: TypeCount[];
	}
	export interface ContentQuery {
	    text: string;
	    type: string;
	    offset: number;
	    limit: number;
	}
	export interface DelegationFields {
	    to: string;
	    role: governance.Role;
	    environmentId: string;
	    subject: string;
	    since: string;
	    until: string;
	    reason: string;
	}
	export interface Person {
	    id: string;
	    name: string;
	    roles: string[];
	}
	export interface DelegationView {
	    act: string;
	    by?: Person;
	    to?: Person;
	    role: governance.Role;
	    environment: string;
	    subject: string;
	    label: string;
	    linkTo: string;
	    since: string;
	    until: string;
	    reason: string;
	    state: string;
	    canEnd: boolean;
	}
	export interface Delegations {
	    items: DelegationView[];
	    canGive: boolean;
	    why: string;
	    whySaid: Said;
	    to: Person[];
	    roles: string[];
	}
	export interface PlaceCount {
	    in: scan.Where;
	    count: number;
	}
	export interface DependencyAnswer {
	    known: boolean;
	    current: boolean;
	    answer: scan.Dependencies;
	    notesSaid: Said[];
	    counts: PlaceCount[];
	    total: number;
	    left: number;
	}
	export interface DiagnosisStep {
	    code: salesforce.Stage;
	    state: DiagnosisState;
	    sentence: string;
	    said: Said;
	    remedy: string;
	    fault: string;
	    facts: Record<string, string>;
	}
	export interface Diagnosis {
	    healthy: boolean;
	    steps: DiagnosisStep[];
	}
	
	export interface DraftDifference {
	    what: string;
	    item: string;
	    mine: string;
	    theirs: string;
	}
	export interface DraftChoice {
	    request: string;
	    label: string;
	    name: string;
	    digest: string;
	    own: boolean;
	    authors: Person[];
	    at: string;
	    updatedAt: string;
	    mine: string;
	    open: boolean;
	    status: governance.Status;
	    differs: DraftDifference[];
	}
	
	export interface EmergencyTerms {
	    hours: number;
	    reviewDays: number;
	}
	export interface EnvironmentFields {
	    name: string;
	    kind: governance.EnvironmentKind;
	    url: string;
	    signIn: governance.SignInMethod;
	    username: string;
	    deployBy: governance.DeployTransport;
	    consumerKey: string;
	}
	export interface InventoryAge {
	    environmentId: string;
	    name: string;
	    at: string;
	    count: number;
	}
	export interface EnvironmentView {
	    environment: governance.Environment;
	    production: boolean;
	    inventory: InventoryAge;
	    hasCredentials: boolean;
	    workId: string;
	    records: number;
	    unconfirmed?: Connection;
	    secret?: SecretState;
	}
	export interface EvidenceMade {
	    sha256: string;
	    changes: number;
	    deployments: number;
	    entries: number;
	    findings: string[];
	}
	export interface FieldSince {
	    what: string;
	    before: string;
	    after: string;
	}
	export interface FileLook {
	    bytes: number;
	    sealed: boolean;
	    evidence: boolean;
	}
	export interface FileReport {
	    kind: string;
	    summary: Said;
	    proved: Said[];
	    notProved: Said[];
	    doubts: Said[];
	}
	export interface GivenReview {
	    by?: Person;
	    at: string;
	    verdict: governance.Verdict;
	    reason: string;
	}
	export interface Happening {
	    id: string;
	    code: string;
	    by?: Person;
	    at: string;
	    text: string;
	    reason: string;
	    signed: boolean;
	    digest: string;
	    link: string;
	    round: number;
	    said: Said;
	}
	export interface Place {
	    environmentId: string;
	    name: string;
	    kind: governance.EnvironmentKind;
	    at: string;
	    production: boolean;
	}
	export interface RequestRow {
	    id: string;
	    label: string;
	    name: string;
	    type: governance.ChangeType;
	    status: governance.Status;
	    deployed: Place[];
	    authors: Person[];
	    customizations: number;
	    waiting: boolean;
	    updatedAt: string;
	    createdAt: string;
	}
	export interface Overlap {
	    request: RequestRow;
	    shared: governance.Customization[];
	    count: number;
	}
	export interface LevelImpact {
	    category: governance.Category;
	    level: governance.ChangeLevel;
	    count: number;
	}
	export interface Impact {
	    levels: LevelImpact[];
	    others: Overlap[];
	    missing: governance.Customization[];
	    checkedAt: string;
	    checkedOn: string;
	}
	
	export interface InventoryPage {
	    items: store.ScanItem[];
	    total: number;
	}
	export interface InventoryQuery {
	    types: string[];
	    text: string;
	    package: string;
	    by: string;
	    sort: string;
	    offset: number;
	    limit: number;
	}
	export interface NameCount {
	    name: string;
	    count: number;
	}
	export interface InventorySummary {
	    age: InventoryAge;
	    types: TypeCount[];
	    packages: NameCount[];
	    people: NameCount[];
	    since: string;
	}
	export interface KeyAct {
	    act: string;
	    seq: number;
	    at: string;
	    text: string;
	    said: Said;
	}
	export interface KeyView {
	    public: string;
	    fingerprint: string;
	    here: boolean;
	    since: string;
	    lastAct?: KeyAct;
	    ended: boolean;
	    endedAt: string;
	    endedBy: string;
	}
	export interface KeychainState {
	    works: boolean;
	    where: string;
	    why: string;
	    said: Said;
	}
	
	export interface LogRow {
	    id: string;
	    attempt: number;
	    kind: governance.AttemptKind;
	    word: string;
	    active: boolean;
	    result: governance.Result;
	    message: string;
	    said: Said;
	    by?: Person;
	    startedAt: string;
	    completedAt: string;
	}
	export interface Problem {
	    code: string;
	    message: string;
	    hint: string;
	    words?: string;
	    hintWords?: string;
	    params?: Record<string, string>;
	}
	export interface RecordRow {
	    id: string;
	    label: string;
	    name: string;
	    requestId: string;
	    request: string;
	    source: string;
	    target: string;
	    targetId: string;
	    production: boolean;
	    emergency: boolean;
	    status: governance.Status;
	    word: string;
	    lastLog: string;
	    kind: governance.RecordKind;
	    count: number;
	    updatedAt: string;
	}
	export interface LogView {
	    log: governance.DeploymentLog;
	    word: string;
	    record: RecordRow;
	    by?: Person;
	    verdict: string;
	    said: Said;
	    causes: Cause[];
	    coverage: ClassCoverage[];
	    orgPercent: number;
	    queue: number;
	    seconds: number;
	    workId: string;
	    canCancel: boolean;
	    canSend: boolean;
	    canGiveUp: boolean;
	    waits?: Problem;
	    statusPage: boolean;
	    content: string[];
	    failed: number;
	    warningsSaid: Said[];
	}
	export interface Offer {
	    allowed: boolean;
	    why: string;
	    whySaid: Said;
	}
	export interface MemberView {
	    person: Person;
	    me: boolean;
	    live: boolean;
	    compared: boolean;
	    founder: boolean;
	    recovery: boolean;
	    keys: KeyView[];
	    may: Capability[];
	    retire: Offer;
	}
	export interface OwnKey {
	    public: string;
	    fingerprint: string;
	    asked: boolean;
	    at: string;
	}
	export interface PolicyDiff {
	    policy: string;
	    what: string;
	    before: string;
	    after: string;
	    gone?: Said[];
	    come?: Said[];
	}
	export interface PolicyChange {
	    act: string;
	    version: number;
	    by?: Person;
	    at: string;
	    endorsed: Person[];
	    needed: number;
	    canSign: boolean;
	    why: string;
	    whySaid?: Said;
	    diff: PolicyDiff[];
	}
	export interface WaitingKey {
	    act: string;
	    public: string;
	    name: string;
	    note: string;
	    at: string;
	    fingerprint: string;
	    here: boolean;
	    proposed: boolean;
	}
	export interface Members {
	    workspace: string;
	    name: string;
	    version: number;
	    demo: boolean;
	    solo: boolean;
	    owners: number;
	    needed: number;
	    members: MemberView[];
	    waiting: WaitingKey[];
	    pending: PolicyChange[];
	    own?: OwnKey;
	    roles: string[];
	    propose: Offer;
	    invite: Offer;
	    admit: Offer;
	    team: Offer;
	    newKey: Offer;
	    saveKey: Offer;
	    restore: Offer;
	    kit: Offer;
	}
	export interface NameCheck {
	    action: governance.Change;
	    name: string;
	    type: string;
	    ok: boolean;
	    problem: string;
	    example: string;
	}
	
	export interface NextStep {
	    code: string;
	    sentence: string;
	    action: string;
	    who: Person[];
	    said: Said;
	}
	
	export interface OutsideAnswer {
	    requestId: string;
	}
	export interface OutsideChange {
	    act: string;
	    kind: string;
	    said: Said;
	    summary: string;
	    components: string[];
	    changes: string[];
	    count: number;
	    by: string;
	    at: string;
	    foundBy?: Person;
	    hasPage: boolean;
	    resolved: boolean;
	    resolvedBy?: Person;
	    resolvedAt: string;
	    reason: string;
	    requestId: string;
	    requestLabel: string;
	}
	export interface OutsidePage {
	    items: OutsideChange[];
	    total: number;
	    open: number;
	    resolved: number;
	    until: string;
	    closes: boolean;
	    governed: boolean;
	    unread: boolean;
	    setupUnread: boolean;
	    trouble?: Problem;
	    troubleAt: string;
	    probable: number;
	}
	export interface OutsideQuery {
	    open: boolean;
	    offset: number;
	    limit: number;
	}
	export interface OutsideWish {
	    acts: string[];
	    reason: string;
	    newRequest: boolean;
	    name: string;
	}
	
	
	
	
	
	export interface Vocabulary {
	    roles: string[];
	    levels: string[];
	    types: string[];
	}
	export interface PolicyView {
	    policy: governance.Policy;
	    sentences: PolicySentence[];
	}
	export interface Policies {
	    version: number;
	    requests: PolicyView;
	    environments: PolicyView[];
	    members: Person[];
	    owners: number;
	    solo: boolean;
	    pending: PolicyChange[];
	    versions: PolicyChange[];
	    categories: CategoryTypes[];
	    canPropose: boolean;
	    why: string;
	    whySaid?: Said;
	    vocabulary: Vocabulary;
	}
	export interface SeatView {
	    step: number;
	    role: governance.Role;
	    member?: Person;
	    by?: Person;
	    at: string;
	    reason: string;
	    may: Person[];
	    later: boolean;
	    why: Said;
	}
	export interface Seats {
	    level: governance.ChangeLevel;
	    rule: string;
	    seats: SeatView[];
	    filled: boolean;
	    refused: string[];
	    refusedSaid: Said[];
	    expires: string;
	    expired: boolean;
	    expected: boolean;
	    said: Said;
	}
	export interface PolicyAnswer {
	    request: Seats;
	    record?: Seats;
	    calendar?: Calendar;
	    reviewed?: EmergencyTerms;
	    why: string;
	    said: Said;
	}
	
	
	export interface PolicyDraft {
	    requests: governance.Policy;
	    environments: governance.Policy[];
	}
	export interface PolicyQuestion {
	    type: governance.ChangeType;
	    types: string[];
	    requestId: string;
	    environmentId: string;
	    draft?: PolicyDraft;
	}
	
	
	export interface Preparing {
	    done: number;
	    total: number;
	    sentence: string;
	    code?: string;
	}
	export interface ProbableChange {
	    ref: string;
	    kind: string;
	    at: string;
	    by: string;
	    text: string;
	    component: string;
	    deployment: string;
	    deployedAt: string;
	}
	
	export interface Reconciled {
	    found: number;
	    said: Said;
	    until: string;
	    unread?: Problem;
	    setupUnread?: Problem;
	    probable: number;
	}
	export interface RecordFields {
	    requestId: string;
	    name: string;
	    sourceId: string;
	    targetId: string;
	    whole: boolean;
	    customizations: governance.Customization[];
	    options: governance.DeployOptions;
	    deployer: string;
	}
	export interface RecordPage {
	    items: RecordRow[];
	    total: number;
	}
	export interface RecordQuery {
	    requestId: string;
	    text: string;
	    status: string[];
	    sort: string;
	    offset: number;
	    limit: number;
	}
	
	export interface Step {
	    code: StepCode;
	    state: StepState;
	    sentence: string;
	    said: Said;
	    warning: boolean;
	    at: string;
	    allowed: boolean;
	    why: string;
	    whyCode: string;
	    remedy: string;
	    whySaid?: Said;
	    remedySaid?: Said;
	    who: Person[];
	    logId: string;
	    workId: string;
	    checks: governance.Check[];
	}
	export interface RecordView {
	    record: governance.DeploymentRecord;
	    label: string;
	    request: RequestRow;
	    authors: Person[];
	    deployer?: Person;
	    source: EnvironmentView;
	    target: EnvironmentView;
	    production: boolean;
	    locked: boolean;
	    count: number;
	    word: string;
	    actions: governance.ActionState[];
	    next: NextStep;
	    steps: Step[];
	    seats: Seats;
	    trouble: string[];
	    troubleSaid: Said[];
	    reason: string;
	    logs: LogRow[];
	    quickUntil: string;
	    quickWhy: string;
	    quickCode: string;
	    quickSaid?: Said;
	    canDelete: boolean;
	    digest: string;
	    typeName: boolean;
	}
	export interface Reminder {
	    to: Person[];
	    text: string;
	    lines: Said[];
	}
	export interface RequestFields {
	    name: string;
	    overview: string;
	    type: governance.ChangeType;
	    supportingText: string;
	    externalLink: string;
	    externalNumber: string;
	    changeSets: string[];
	    emergencyReason: string;
	    incident: string;
	    additionalApprovers: string[];
	}
	export interface RequestPage {
	    items: RequestRow[];
	    total: number;
	}
	export interface RequestQuery {
	    view: string;
	    text: string;
	    status: string[];
	    sort: string;
	    offset: number;
	    limit: number;
	}
	
	export interface ReviewView {
	    round: number;
	    revision: string;
	    deployed: string;
	    due: string;
	    done: boolean;
	    overdue: boolean;
	    seats: Seats;
	    given: GivenReview[];
	    allowed: boolean;
	    why: string;
	    whySaid: Said;
	}
	export interface RequestView {
	    request: governance.ChangeRequest;
	    label: string;
	    authors: Person[];
	    locked: boolean;
	    count: number;
	    existing: number;
	    actions: governance.ActionState[];
	    next: NextStep;
	    seats: Seats;
	    checks: governance.Check[];
	    trouble: string[];
	    troubleSaid: Said[];
	    reason: string;
	    records: RecordRow[];
	    places: Place[];
	    inventory: InventoryAge;
	    canUndo: boolean;
	    canRedo: boolean;
	    canDelete: boolean;
	    reviews: ReviewView[];
	    canRemind: boolean;
	    emergency?: EmergencyTerms;
	    members: Person[];
	    digest: string;
	    notes: Said[];
	}
	
	export interface RosterChange {
	    kind: RosterKind;
	    key: string;
	    member: string;
	    roles: string[];
	    compared: boolean;
	    old: string;
	    last: string;
	    threshold: number;
	}
	
	
	
	export interface Secrets {
	    password: string;
	    token: string;
	    consumerSecret: string;
	}
	export interface Side {
	    path: string;
	    before: string;
	    after: string;
	    binary: boolean;
	    cut: boolean;
	}
	export interface SignInRecipe {
	    callbacks: string[];
	    scopes: string[];
	    permission: string;
	}
	export interface Since {
	    known: boolean;
	    fields: FieldSince[];
	    added: governance.Customization[];
	    removed: governance.Customization[];
	    other: governance.Customization[];
	}
	export interface State {
	    open: boolean;
	    choices: Choice[];
	    problem?: Problem;
	    preparing?: Preparing;
	    id: string;
	    name: string;
	    demo: boolean;
	    solo: boolean;
	    folder: string;
	    members: Person[];
	    me: string;
	    warning: string;
	    doubts: store.Finding[];
	    warningSaid: Said;
	    doubtsSaid: Said[];
	    entries: number;
	    checked: string;
	    keychain: KeychainState;
	}
	
	export interface Task {
	    kind: string;
	    id: string;
	    requestId: string;
	    recordId: string;
	    label: string;
	    name: string;
	    code: string;
	    sentence: string;
	    environment: string;
	    production: boolean;
	    by?: Person;
	    at: string;
	    said: Said;
	    digest: string;
	    expires: string;
	    emergency: boolean;
	}
	export interface TextPage {
	    text: string;
	    next: number;
	    total: number;
	}
	export interface Totals {
	    waiting: number;
	    running: number;
	    failed: number;
	    expiring: number;
	    drafts: number;
	    reviews: number;
	    outside: number;
	}
	export interface Today {
	    waiting: Task[];
	    running: Task[];
	    failed: Task[];
	    expiring: Task[];
	    drafts: Task[];
	    reviews: Task[];
	    outside: Task[];
	    totals: Totals;
	}
	
	export interface TrailEntry {
	    index: number;
	    kind: string;
	    at: string;
	    by?: Person;
	    text: string;
	    said: Said;
	    reason: string;
	    about: string;
	    link: string;
	    linkTo: string;
	    act: string;
	    hash: string;
	}
	export interface TrailPage {
	    items: TrailEntry[];
	    next: number;
	    total: number;
	    kinds: NameCount[];
	    looked: number;
	}
	export interface TrailProof {
	    at: string;
	    report: store.Report;
	    proves: string[];
	    said: Said[];
	    root: string;
	    size: number;
	    keychain: boolean;
	    work: string;
	    since: store.Finding[];
	    foundSaid: Said[];
	    sinceSaid: Said[];
	}
	export interface TrailQuery {
	    kinds: string[];
	    text: string;
	    member: string;
	    before: number;
	    limit: number;
	}
	
	
	
	export interface Wish {
	    action: governance.Action;
	    reason: string;
	    seen: string;
	    delegation?: string;
	}
	export interface Work {
	    id: string;
	    revision: number;
	    kind: WorkKind;
	    subject: string;
	    requestId: string;
	    logId: string;
	    title: string;
	    environment: string;
	    production: boolean;
	    phase: string;
	    detail: string;
	    done: number;
	    total: number;
	    startedAt: string;
	    heardAt: string;
	    endedAt: string;
	    succeeded: boolean;
	    sentence: string;
	    said?: Said;
	    problem?: Problem;
	}

}

