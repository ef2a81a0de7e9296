type Row = Readonly<Record<string, unknown>>;

const CELL_CHARS_MAX = 60;

/** An answer for a person: a table of what is listed, else a line a member. */
export function formatAnswer(answer: unknown): string {
  if (!isRow(answer)) return cell(answer);
  // An empty list is one only where it is what was asked for: the first member.
  const listed = Object.entries(answer).find(
    ([, value], index) =>
      Array.isArray(value) && value.every(isRow) && (index === 0 || value.length > 0),
  );
  if (!listed) return formatMembers(answer);
  const [name, rows] = listed as [string, Row[]];
  const others = Object.entries(answer).filter(([key, value]) => key !== name && value !== null);
  const table = rows.length === 0 ? `no ${name}` : formatTable(rows);
  return [table, ...(others.length > 0 ? [formatMembers(Object.fromEntries(others))] : [])].join(
    '\n\n',
  );
}

function formatTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((name) => cell(row[name])))];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => line[index]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((text, index) => text.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function formatMembers(row: Row): string {
  const width = Math.max(...Object.keys(row).map((name) => name.length), 0);
  return Object.entries(row)
    .map(([name, value]) => `${name.padEnd(width)}  ${text(value)}`)
    .join('\n');
}

function cell(value: unknown): string {
  const whole = text(value);
  return whole.length > CELL_CHARS_MAX ? `${whole.slice(0, CELL_CHARS_MAX - 1)}…` : whole;
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
