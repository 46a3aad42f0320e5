/** What a text field does by itself with these, so they mean that while a person types. */
const editing = new Set(["mod+Z", "mod+shift+Z", "mod+Y", "mod+shift+V", "mod+A", "mod+C", "mod+V", "mod+X"]);

/** Keys that mean the same while a person types in a field; the others are letters or move the cursor there. */
export const worksInFields = (keys: string) =>
  (keys.startsWith("mod+") && !editing.has(keys)) || /^F\d+$/.test(keys);
