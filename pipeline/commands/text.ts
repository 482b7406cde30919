// Text for people: columns of equal width, and blocks under a heading.

/** Rows as lines whose columns begin below each other. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

/** A heading with its lines, indented; nothing where there is no line. */
export function block(heading: string, lines: readonly string[]): string {
  return lines.length ? `\n${heading}\n${lines.map((line) => `  ${line}\n`).join('')}` : '';
}
