/** A step of a difference's path: an element, the key that tells it from its like, or an attribute. */
export type Step = { word: string; key?: string };

/** "fields[Region__c].length" is Fields Region__c, Length: element names as people read them. */
export function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  for (const [, name, , key] of path.matchAll(/(@?[^.[\]]+)(\[((?:[^[\]]|\[[^\]]*\])*)\])?/g)) {
    if (name) steps.push({ word: inWords(name), key });
  }
  return steps;
}

/** "fieldPermissions" is "Field permissions". What is no element name, such as Region__c, stays. */
export function inWords(name: string) {
  if (!/^@?[a-z][A-Za-z]*$/.test(name)) return name;
  const words = name
    .replace("@", "")
    .replace(/([a-z])([A-Z])/g, (_, a, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The number of a line of code, or 0 when the path is an element's. */
export const lineOf = (path: string) => Number(/^line (\d+)$/.exec(path)?.[1] ?? 0);

export type Leaf = { depth: number; word: string; value: string };

const mostLeaves = 60;

/** An element with children as lines of words and values; undefined when it is no small XML. */
export function leavesOf(value: string): Leaf[] | undefined {
  if (!value.startsWith("<") || value.length > 8000) return undefined;
  const doc = new DOMParser().parseFromString(`<x>${value}</x>`, "text/xml");
  if (doc.getElementsByTagName("parsererror").length > 0) return undefined;
  const leaves: Leaf[] = [];
  const walk = (element: Element, depth: number) => {
    const leaf = element.children.length === 0;
    leaves.push({ depth, word: inWords(element.tagName), value: leaf ? (element.textContent ?? "") : "" });
    for (const child of element.children) walk(child, depth + 1);
  };
  const outer = doc.documentElement.children;
  const only = outer.length === 1 ? outer[0] : undefined;
  for (const child of only && only.children.length > 0 ? only.children : outer) walk(child, 0);
  return leaves.length > 0 && leaves.length <= mostLeaves ? leaves : undefined;
}

/** What two short texts begin and end with alike, so that only the middle is marked. */
export function middle(before: string, after: string) {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return { start, end };
}
