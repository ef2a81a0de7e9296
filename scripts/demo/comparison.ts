/** Two figures that must agree to the unit, each from another source. */
export type Comparison = {
  readonly name: string;
  /** Where the left figure comes from, and what it is. */
  readonly left: Figure;
  readonly right: Figure;
  readonly agrees: boolean;
};

export type Figure = { readonly source: string; readonly value: string };

type Value = bigint | number | string;

/** Puts two figures side by side; they agree when they are written the same. */
export function compareFigures(
  name: string,
  left: readonly [source: string, value: Value],
  right: readonly [source: string, value: Value],
): Comparison {
  const [a, b] = [`${left[1]}`, `${right[1]}`];
  return {
    name,
    left: { source: left[0], value: a },
    right: { source: right[0], value: b },
    agrees: a === b,
  };
}
