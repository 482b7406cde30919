// The `files` connector: canonical streams as CSV, NDJSON or Parquet in a directory, with columns mapped in sourced.yaml.
import { access, constants, readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { SourceError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import { type StreamName, streamNames } from '../../core/streams.ts';
import { checkOne } from '../check.ts';
import type { CheckLine, ConnectorContext, Extract, FileConnector, StreamReader } from '../connector.ts';
import { csvExtract } from '../formats/csv.ts';
import { emptyExtract } from '../formats/empty.ts';
import { inflated } from '../formats/gzip.ts';
import { ndjsonExtract } from '../formats/ndjson.ts';
import { parquetExtract } from '../formats/parquet.ts';
import { type Mapping, mappingOptions } from '../mapping.ts';

/** Endings by which a file's format is known. */
const formats = { csv: 'csv', tsv: 'csv', ndjson: 'ndjson', jsonl: 'ndjson', parquet: 'parquet' } as const;
type Format = (typeof formats)[keyof typeof formats];
const endings = Object.keys(formats).flatMap((ending) => (ending === 'parquet' ? [ending] : [ending, `${ending}.gz`]));

const streamOptions = (stream: StreamName) =>
  z.strictObject({
    file: z
      .string()
      .min(1)
      .optional()
      .describe(`below the directory; default ${stream}.csv, .ndjson, .jsonl or .parquet`),
    ...mappingOptions(stream),
    allow_empty: z.boolean().optional().describe('an empty file is fine'),
  });

const options = z.object({
  directory: z.string().min(1).describe('where the files are, from the directory of sourced.yaml'),
  allow_empty: z.boolean().default(false).describe('empty files are fine'),
  streams: z
    .strictObject(Object.fromEntries(streamNames.map((name) => [name, streamOptions(name).nullable().optional()])))
    .optional()
    .describe('default: every canonical stream that has a file of its name'),
});

type StreamOptions = Mapping & { readonly file?: string; readonly allow_empty?: boolean };
type FilesOptions = {
  readonly directory: string;
  readonly allow_empty?: boolean;
  readonly streams?: Readonly<Partial<Record<StreamName, StreamOptions | null>>>;
};
type Context = ConnectorContext<FilesOptions>;

export const files: FileConnector<FilesOptions> = {
  name: 'files',
  options,
  delivers: streamNames,

  async check(context) {
    const readers = await files.streams(context);
    const lines: CheckLine[] = [];
    for (const { stream, open } of readers) lines.push(await checkStream(stream, open));
    return [...lines, ...(await strayFiles(context))];
  },

  async streams(context) {
    const directory = resolve(context.workspace.directory, context.options.directory);
    const names = await filesIn(directory);
    const wanted = context.options.streams ?? (await streamsWithFiles(context, names));
    const readers = streamNames
      .filter((stream) => stream in wanted)
      .map((stream) => reader(context, { directory, names, stream, options: wanted[stream] ?? {} }));
    if (!readers.length)
      throw new SourceError(
        `${context.source}: ${context.options.directory} holds no canonical stream${found(names)}`,
        {
          hint: `name a file ${streamNames[0]}.csv, deals.csv, … (or .ndjson, .parquet), or map yours under \`streams\` in sourced.yaml`,
        },
      );
    return readers;
  },
};

/** Streams with a file of their name; one that was read before and has lost its file is kept, to fail when it is opened. */
async function streamsWithFiles(
  { source, warehouse }: Context,
  names: readonly string[],
): Promise<Partial<Record<StreamName, StreamOptions>>> {
  const known = await warehouse.rows<{ stream: StreamName }>('SELECT DISTINCT stream FROM raw.load WHERE source = ?', [
    source,
  ]);
  const present = streamNames.filter(
    (stream) => candidates(stream, names).length > 0 || known.some((load) => load.stream === stream),
  );
  return Object.fromEntries(present.map((stream) => [stream, {}]));
}

type StreamFile = {
  readonly directory: string;
  readonly names: readonly string[];
  readonly stream: StreamName;
  readonly options: StreamOptions;
};

function reader(context: Context, file: StreamFile): StreamReader {
  return { stream: file.stream, open: () => openStream(context, file) };
}

async function openStream(context: Context, { directory, names, stream, options }: StreamFile): Promise<Extract> {
  const name = options.file ?? fileOf(stream, names, context);
  const path = resolve(directory, name);
  const origin = relative(context.workspace.directory, path);
  await assertReadable(path, origin, names);
  const ending = /\.([a-z]+)(\.gz)?$/i.exec(name);
  const format = formats[ending?.[1]?.toLowerCase() as keyof typeof formats] as Format | undefined;
  if (!format)
    throw new SourceError(`${origin}: the format is not known by the file's ending`, {
      hint: `files end in ${endings.map((known) => `.${known}`).join(', ')}`,
    });
  const mapping: Mapping = { columns: options.columns, constants: options.constants, values: options.values };
  const plain = ending?.[2]
    ? await inflated(path, { origin, folder: join(context.workspace.state, 'tmp') })
    : undefined;
  const file = { stream, path: plain?.path ?? path, origin, mapping };
  try {
    if ((options.allow_empty ?? context.options.allow_empty) && (await isEmpty(file.path))) return emptyExtract(file);
    const extract = await open(context, format, file);
    return plain ? { ...extract, dispose: plain.dispose } : extract;
  } catch (error) {
    await plain?.dispose();
    throw error;
  }
}

type MappedFile = {
  readonly stream: StreamName;
  readonly path: string;
  readonly origin: string;
  readonly mapping: Mapping;
};

function open({ warehouse }: Context, format: Format, file: MappedFile): Promise<Extract> {
  if (format === 'csv') return csvExtract(file);
  return format === 'ndjson' ? ndjsonExtract(warehouse, file) : parquetExtract(warehouse, file);
}

// ---- finding files ----

const unlistable: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is a file',
  EACCES: 'may not be read',
};

/** The first names of a directory, for a person who wonders why none of them counts. */
function found(names: readonly string[]): string {
  if (!names.length) return '; it is empty';
  return `; there is ${names.slice(0, 3).join(', ')}${names.length > 3 ? `, … (${names.length} files)` : ''}`;
}

async function filesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new SourceError(`${directory}: the directory ${unlistable[code] ?? `cannot be listed (${code})`}`, {
      hint: 'check `directory` of this source in sourced.yaml',
    });
  }
}

function candidates(stream: StreamName, names: readonly string[]): string[] {
  return endings.map((ending) => `${stream}.${ending}`).filter((name) => names.includes(name));
}

function fileOf(stream: StreamName, names: readonly string[], { source, options }: Context): string {
  const [first, ...others] = candidates(stream, names);
  if (!first)
    throw new SourceError(
      `${source}: there is no file for ${stream} in ${options.directory}${didYouMean(stream, names)}`,
      {
        hint: `put ${stream}.csv there, or list the streams to read under \`streams\` in sourced.yaml`,
      },
    );
  if (others.length)
    throw new SourceError(`${source}: ${[first, ...others].join(' and ')} are both there; which is ${stream}?`, {
      hint: `remove one, or name it as \`file\` of \`streams.${stream}\` in sourced.yaml`,
    });
  return first;
}

async function assertReadable(path: string, origin: string, names: readonly string[]): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch (error) {
    const lost = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const problem = lost ? `is not there${didYouMean(origin.split(/[/\\]/).at(-1)!, names)}` : 'may not be read';
    throw new SourceError(`${origin}: the file ${problem}`, { hint: 'check `file` of this stream in sourced.yaml' });
  }
}

async function isEmpty(path: string): Promise<boolean> {
  return (await stat(path)).size === 0;
}

// ---- checking ----

function checkStream(stream: StreamName, open: () => Promise<Extract>): Promise<CheckLine> {
  return checkOne(stream, async () => {
    const extract = await open();
    await extract.dispose?.();
    const { unmapped } = extract.mapping as { unmapped?: readonly string[] };
    const beside = unmapped?.length ? `; kept beside, not mapped: ${unmapped.join(', ')}` : '';
    return `${extract.origin}${beside}`;
  });
}

/** Data files whose name is no stream's: worth a line, since a misspelt name would go unread in silence. */
async function strayFiles({ workspace, options }: Context): Promise<CheckLine[]> {
  if (options.streams) return [];
  const names = await filesIn(resolve(workspace.directory, options.directory));
  const used = streamNames.flatMap((stream) => candidates(stream, names));
  return names
    .filter((name) => !used.includes(name) && endings.some((ending) => name.endsWith(`.${ending}`)))
    .map((name) => ({
      subject: name,
      ok: true,
      detail: `not read: no canonical stream has this name${didYouMean(name.split('.')[0]!, streamNames)}`,
    }));
}
