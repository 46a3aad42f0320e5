import { governance, type workspace } from "@/api/models";

const { TestLevel } = governance;

/** The test levels in the order of what they run. */
export const testLevels = [
  TestLevel.None,
  TestLevel.NoTestRun,
  TestLevel.RunSpecifiedTests,
  TestLevel.RunRelevantTests,
  TestLevel.RunLocalTests,
  TestLevel.RunAllTestsInOrg,
];

/** i18n names the empty level too. */
export const levelWord = (level: governance.TestLevel) => level || "Default";

export const firstOptions: governance.DeployOptions = {
  ignoreWarnings: false,
  purgeOnDelete: false,
  rollbackOnError: true,
  testLevel: TestLevel.None,
  tests: [],
};

/** The fields of a record as they are now. The selection is read apart, since it can be long. */
export const fieldsOf = (
  view: workspace.RecordView,
  customizations: governance.Customization[],
): workspace.RecordFields => ({
  requestId: view.record.requestId,
  name: view.record.name,
  sourceId: view.record.sourceId,
  targetId: view.record.targetId,
  whole: view.record.whole,
  customizations: view.record.whole ? [] : customizations,
  options: view.record.options,
  deployer: view.record.deployer,
});

/** Explanations are read, so they are not smaller than any other text. */
export const readable = { description: { fontSize: "var(--mantine-font-size-xs)" } };
