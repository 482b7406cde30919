// Fields that a company made itself in a vendor's system, as columns. The name of the canonical column is looked for unless
// sourced.yaml names another field.

/** Canonical column → the name of the company's own field. */
export type FieldNames = Readonly<Record<string, string | undefined>>;

export type CustomFields = {
  /** JSON paths for `RecordMapping.fields`. */
  readonly fields: Readonly<Record<string, string>>;
  /** SQL text of a canonical column. */
  column(name: string): string;
};

/** `places` are the JSON paths of the objects that hold such fields; the first that has the field gives the value. */
export function customFields(
  columns: readonly string[],
  { names = {}, places }: { names?: FieldNames | undefined; places: readonly string[] },
): CustomFields {
  const field = (column: string, place: number) => `custom_${column}_${place}`;
  const paths = columns.flatMap((column) =>
    places.map((path, place) => [field(column, place), `${path}."${(names[column] ?? column).replaceAll('"', '')}"`]),
  );
  return {
    fields: Object.fromEntries(paths),
    column: (column) => `coalesce(${places.map((_, place) => `nullif(${field(column, place)}, '')`).join(', ')})`,
  };
}
