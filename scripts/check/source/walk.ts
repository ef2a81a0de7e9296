import { type Node, visitorKeys } from 'oxc-parser';

/**
 * Visits a node and everything below it, parents first.
 *
 * @param visit gets the node and its ancestors, nearest last.
 */
export function walk(
  node: Node,
  visit: (node: Node, ancestors: readonly Node[]) => void,
  ancestors: Node[] = [],
): void {
  visit(node, ancestors);
  ancestors.push(node);
  const fields = node as unknown as Readonly<Record<string, unknown>>;
  for (const key of visitorKeys[node.type] ?? []) {
    const child = fields[key];
    for (const one of Array.isArray(child) ? child : [child]) {
      if (isNode(one)) walk(one, visit, ancestors);
    }
  }
  ancestors.pop();
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}
