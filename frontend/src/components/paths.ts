/** A step of a difference's path: an element, the key that tells it from its like, or an attribute. */
type Step = { word: string; key?: string };

/** "fields[Region__c].length" is Fields Region__c, Length: element names as people read them. */
export function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  for (const [, name, , key] of path.matchAll(/(@?[^.[\]]+)(\[((?:[^[\]]|\[[^\]]*\])*)\])?/g)) {
    if (name) steps.push({ word: inWords(name), key });
  }
  return steps;
}

/** "fieldPermissions" is "Field permissions". What is no element name, such as Region__c, stays. */
function inWords(name: string) {
  if (!/^@?[a-z][A-Za-z]*$/.test(name)) return name;
  const words = name
    .replace("@", "")
    .replace(/([a-z])([A-Z])/g, (_, a, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The number of a line of code, or 0 when the path is an element's. */
export const lineOf = (path: string) => Number(/^line (\d+)$/.exec(path)?.[1] ?? 0);

type Leaf = { depth: number; word: string; value: string };

const mostLeaves = 60;

/** The namespace that every metadata file has, so that it says nothing. */
const metadata = "http://soap.sforce.com/2006/04/metadata";

/** An element whose words and values say all there is: no attribute, no comment and no text between its children. */
const plain = (element: Element): boolean =>
  [...element.attributes].every((a) => a.name === "xmlns" && a.value === metadata) &&
  (element.children.length === 0 ||
    [...element.childNodes].every(
      (node) => node.nodeType === Node.ELEMENT_NODE || !node.nodeValue?.trim(),
    )) &&
  [...element.children].every(plain);

/**
 * An element with children as lines of words and values; undefined for anything else. A text can have tags in it as
 * well, and is shown as it is: what is approved is read in full.
 */
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
  const root = doc.documentElement;
  const only = root.childElementCount === 1 ? root.firstElementChild : null;
  if (!only || only.childElementCount === 0 || !plain(root)) return undefined;
  for (const child of only.children) walk(child, 0);
  return leaves.length <= mostLeaves ? leaves : undefined;
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
