/** The backend's types and enums, generated from Go. */
export { governance, type workspace } from "../../wailsjs/go/models";
