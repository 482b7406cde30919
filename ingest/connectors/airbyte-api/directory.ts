// Airbyte's file destinations (S3 and the like after a copy, local CSV and JSON): Parquet, CSV or JSON lines below a directory.
// A stream is a folder of its name with files at any depth, or files that start with its name.
import { readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { SourceError } from '../../../core/errors.ts';
import { literal } from '../../../core/sql.ts';
import type { IngestWarehouse } from '../../connector.ts';
import { type Destination, tableName } from './destination.ts';
import { type DuckdbTable, describeTable, markOf, readTable } from './duckdb-tables.ts';

export type DirectoryOptions = {
  readonly source: string;
  readonly path: string;
  readonly prefix: string;
  /** Where temporary files go. */
  readonly folder: string;
};

const endings = /\.(parquet|csv|jsonl|ndjson)(\.(?:gz|zst))?$/i;

export async function openDirectory(
  warehouse: IngestWarehouse,
  { source, path, prefix, folder }: DirectoryOptions,
): Promise<Destination> {
  const files = filesBelow(source, path);
  const tables = new Map<string, DuckdbTable>();
  return {
    async table(stream) {
      const own = filesOf(files, path, [tableName(prefix, stream), `${prefix}${stream}`]);
      const origin = `${source}: ${prefix}${stream}`;
      if (!own.length) throw noFiles(source, path, `${prefix}${stream}`, files);
      const table = await describeTable(warehouse, { origin, relation: relationOf(origin, own) });
      tables.set(stream, table);
      return table;
    },
    mark: (stream) => markOf(warehouse, tables.get(stream)!),
    read: ({ table, ...read }) => readTable(warehouse, { table: tables.get(table)!, read, folder }),
    close: async () => {},
  };
}

function filesBelow(source: string, path: string): string[] {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && endings.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SourceError(`${source}: the directory ${path} cannot be listed (${code})`, {
      hint: 'check `destination.path` of this source in sourced.yaml',
    });
  }
}

/** Files in a folder of one of the names; else files of that name, with Airbyte's prefix or not. */
function filesOf(files: readonly string[], path: string, names: readonly string[]): string[] {
  const inFolder = files.filter((file) => {
    const folders = relative(path, file).split(/[/\\]/).slice(0, -1);
    return folders.some((folder) => names.includes(folder));
  });
  if (inFolder.length) return inFolder;
  const fileNames = names.flatMap((name) => [name, `_airbyte_raw_${name}`]);
  return files.filter((file) => fileNames.includes(basename(file).replace(endings, '')));
}

function relationOf(origin: string, files: readonly string[]): string {
  const formats = new Set(files.map((file) => endings.exec(file)![1]!.toLowerCase().replace('ndjson', 'jsonl')));
  const [format, ...others] = formats;
  if (others.length)
    throw new SourceError(`${origin}: has files of several formats (${[...formats].join(', ')})`, {
      hint: 'keep one format in this directory',
    });
  const list = `[${files.map(literal).join(', ')}]`;
  if (format === 'parquet') return `read_parquet(${list}, union_by_name = true)`;
  if (format === 'csv')
    return `read_csv(${list}, header = true, all_varchar = true, union_by_name = true, delim = ',', quote = '"', escape = '"', max_line_size = 268435456)`;
  return jsonLines(list);
}

/** Every line is a document; Airbyte's own members are columns, and `_airbyte_data` is the document where it is nested. */
function jsonLines(list: string): string {
  const own = [
    '_airbyte_raw_id',
    '_airbyte_extracted_at',
    '_airbyte_emitted_at',
    '_airbyte_generation_id',
    '_airbyte_meta',
  ];
  const rest = JSON.stringify(
    Object.fromEntries([...own, '_airbyte_ab_id', '_airbyte_loaded_at'].map((name) => [name, null])),
  );
  const member = (name: string) => `json_extract_string(line, ${literal(`$.${name}`)})`;
  return `(SELECT coalesce(json_extract(line, '$._airbyte_data'), json_merge_patch(line::JSON, ${literal(rest)}::JSON)) AS _airbyte_data,
      coalesce(${member('_airbyte_extracted_at')}, ${member('_airbyte_emitted_at')}) AS _airbyte_extracted_at,
      ${member('_airbyte_generation_id')} AS _airbyte_generation_id, json_extract(line, '$._airbyte_meta') AS _airbyte_meta
    FROM read_csv(${list}, header = false, auto_detect = false, columns = {'line': 'VARCHAR'}, delim = '\u0001', quote = '', escape = '',
      max_line_size = 268435456)
    WHERE line IS NOT NULL)`;
}

function noFiles(source: string, path: string, name: string, files: readonly string[]): SourceError {
  const first = files.slice(0, 3).map((file) => relative(path, file));
  const present = first.length ? `there is ${first.join(', ')}${files.length > 3 ? ', …' : ''}` : 'it holds none';
  return new SourceError(`${source}: ${path} has no Parquet, CSV or JSON lines of ${name} (${present})`, {
    hint: 'check `destination.path` and `from` of this source in sourced.yaml, and what the connection syncs',
  });
}
