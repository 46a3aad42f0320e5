/** The backend's types and enums, generated from Go. */
export {
  type app,
  governance,
  type ledger,
  type metadata,
  salesforce,
  scan,
  type store,
  workspace,
} from "../../wailsjs/go/models";
