// Fetched pages on disk until they are committed, and the same pages as rows: temporary view `fetched`. Bytes go in as they
// came; no value passes through JavaScript.
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SourceError } from '../core/errors.ts';
import { literal } from '../core/sql.ts';
import type { PageStore } from './api.ts';
import type { IngestWarehouse } from './connector.ts';
import { isDuckdbError } from './duckdb-error.ts';

/** A batch of this size is committed at the next point that can be resumed from. */
const fullBytes = 2 << 20;

type Pages = {
  readonly kind: string;
  /** Finds the records in a page; undefined where each JSON value is one. */
  readonly pointer: string | undefined;
  readonly path: string;
  readonly file: FileHandle;
  pages: number;
  largest: number;
};

/** The pages of one batch. */
export type FetchedPages = {
  /** SHA-256 over all of them in order. */
  readonly digest: string;
  readonly bytes: number;
  readonly count: number;
  /** A text may hold U+0000. */
  readonly can_hold_nul: boolean;
  readonly groups: readonly Pages[];
};

export type OwnPageStore = PageStore & {
  /** What was added since the last call, ready to be read. */
  take(): Promise<FetchedPages>;
  /** Removes what was taken, or everything. */
  clear(): Promise<void>;
};

/** An empty store below `directory`; what a killed run left there is removed. */
export async function openPageStore(directory: string): Promise<OwnPageStore> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  let number = 0;
  let batch = emptyBatch();
  const group = async (kind: string, pointer: string | undefined): Promise<Pages> => {
    const known = batch.groups.find((pages) => pages.kind === kind && pages.pointer === pointer);
    if (known) return known;
    const path = join(directory, `${String(++number).padStart(6, '0')}.json`);
    const added = { kind, pointer, path, file: await open(path, 'w'), pages: 0, largest: 0 };
    batch.groups.push(added);
    return added;
  };
  return {
    async add(kind, body, pointer) {
      const bytes =
        typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.length);
      const pages = await group(kind, pointer);
      await pages.file.writev([bytes, newline]);
      pages.pages++;
      pages.largest = Math.max(pages.largest, bytes.length);
      batch.hash.update(`${kind}\n`).update(bytes);
      batch.bytes += bytes.length;
      batch.count++;
      batch.can_hold_nul ||= bytes.includes(0) || bytes.includes(escapedNul);
    },
    get is_full() {
      return batch.bytes >= fullBytes;
    },
    async take() {
      const { hash, ...taken } = batch;
      batch = emptyBatch();
      for (const { file } of taken.groups) await file.close();
      return { ...taken, digest: hash.digest('hex') };
    },
    async clear() {
      for (const { file } of batch.groups) await file.close();
      batch = emptyBatch();
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory, { recursive: true });
    },
  };
}

const newline = Buffer.from('\n');
const escapedNul = Buffer.from('\\u0000');

function emptyBatch(): { hash: Hash; bytes: number; count: number; can_hold_nul: boolean; groups: Pages[] } {
  return { hash: createHash('sha256'), bytes: 0, count: 0, can_hold_nul: false, groups: [] };
}

/**
 * Makes `fetched` (kind, record, position, fetched_at) of the pages. Throws SourceError for a page that is no JSON or has no list
 * where its records should be: what a system says instead of data must never pass for an empty result.
 */
export async function createFetched(
  warehouse: IngestWarehouse,
  { groups }: FetchedPages,
  { origin, fetched_at }: { origin: string; fetched_at: string },
): Promise<number> {
  await warehouse.run('CREATE OR REPLACE TEMP TABLE fetched_record (kind VARCHAR, record JSON)');
  let records = 0;
  for (const pages of groups) records += await readPages(warehouse, pages, origin);
  await assertListed(warehouse, groups, origin);
  await warehouse.run(
    `CREATE OR REPLACE TEMP VIEW fetched AS
     SELECT kind, record, rowid AS position, ${literal(fetched_at)} AS fetched_at FROM fetched_record`,
  );
  return records;
}

/** Gives the number of records. */
async function readPages(
  warehouse: IngestWarehouse,
  { kind, pointer, path, largest }: Pages,
  origin: string,
): Promise<number> {
  const objects = `read_json_objects(${literal(path)}, format = 'unstructured', maximum_object_size = ${largest + 1024})`;
  const records = pointer ? recordsOf(objects, pointer) : `(SELECT json AS record FROM ${objects})`;
  try {
    const [row] = await warehouse.rows<{ Count: bigint }>(
      `INSERT INTO fetched_record SELECT ${literal(kind)}, record FROM ${records}`,
    );
    return Number(row!.Count);
  } catch (error) {
    if (!isDuckdbError(error, 'Invalid Input')) throw error;
    throw new SourceError(`${origin}: a page of ${kind} is not JSON`, {
      hint: 'run again later; what was complete is kept',
      transient: true,
    });
  }
}

/** The records of all pages; NULL where a page has no list, or a member of the list no record. */
function recordsOf(objects: string, pointer: string): string {
  const list = literal(pointer.slice(0, pointer.indexOf('[*]')));
  const isWhole = pointer.endsWith('[*]') ? 'true' : `len(records) = json_array_length(json, ${list})`;
  return `(SELECT unnest(CASE WHEN ${isWhole} AND (len(records) > 0 OR json_type(json, ${list}) = 'ARRAY') THEN records ELSE [NULL] END) AS record
    FROM (SELECT json, json_extract(json, ${literal(pointer)}) AS records FROM ${objects}))`;
}

async function assertListed(warehouse: IngestWarehouse, groups: FetchedPages['groups'], origin: string): Promise<void> {
  const [broken] = await warehouse.rows<{ kind: string }>(
    'SELECT kind FROM fetched_record WHERE record IS NULL LIMIT 1',
  );
  if (!broken) return;
  const { kind, pointer } = groups.find((pages) => pages.kind === broken.kind && pages.pointer)!;
  throw new SourceError(`${origin}: a page of ${kind} has no records at ${pointer}`, {
    hint: 'the system answered with something else than data; run again later, and check `base_url` in sourced.yaml if it stays',
  });
}
