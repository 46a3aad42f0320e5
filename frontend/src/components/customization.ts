import type { governance } from "@/api/models";

/** Which customization it is, whatever is done with it. */
export const keyOf = (c: { type: string; name: string }) => `${c.type}:${c.name}`;

/** A customization without what a list tells of it. */
export const bare = ({ action, type, name }: governance.Customization): governance.Customization => ({
  action,
  type,
  name,
});
