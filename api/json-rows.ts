// Rows of ours as a table that a query can join: handed over as one JSON parameter.

/** A relation with these columns (name → DuckDB type) over a parameter that holds an array of objects. */
export function jsonRows(parameter: string, columns: Readonly<Record<string, string>>): string {
  const shape = JSON.stringify([columns]);
  return `(SELECT unnest(from_json(${parameter}, '${shape}'), recursive := true))`;
}
