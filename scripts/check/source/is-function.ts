import type { ArrowFunctionExpression, Function as FunctionNode, Node } from 'oxc-parser';

export type FunctionLike = FunctionNode | ArrowFunctionExpression;

/** True for whatever has a body of its own: declarations, expressions, arrows, methods. */
export function isFunction(node: Node): node is FunctionLike {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  );
}
