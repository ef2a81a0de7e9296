/**
 * The field of a message that carries traces: `traces`, one for each item, or no field at all when
 * none of them is traced, so that a message is the same to the byte as without traces.
 */
export function carryTraces(traces: readonly (string | undefined)[]): {
  readonly traces?: readonly string[];
} {
  if (traces.every((trace) => trace === undefined)) return {};
  return { traces: traces.map((trace) => trace ?? '') };
}
