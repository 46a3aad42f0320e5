/** The backend's types and enums, generated from Go. */
export { governance } from "../../wailsjs/go/models";
