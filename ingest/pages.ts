// Fetched pages on disk until they are committed, and the same pages as rows: temporary view `fetched`. Bytes go in as they
// came; no value passes through JavaScript.
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SourceError } from '../core/errors.ts';
import type { PageStore } from './api.ts';
import type { IngestWarehouse } from './connector.ts';
import { literal } from './sql.ts';

/** A batch of this size is committed at the next point that can be resumed from. */
const fullBytes = 4 << 20;

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
  for (const pages of groups) await readPages(warehouse, pages, origin);
  await warehouse.run(
    `CREATE OR REPLACE TEMP VIEW fetched AS
     SELECT kind, record, rowid AS position, ${literal(fetched_at)} AS fetched_at FROM fetched_record`,
  );
  const [row] = await warehouse.rows<{ count: bigint }>('SELECT count(*) AS count FROM fetched_record');
  return Number(row!.count);
}

/** How many records the lists of all pages hold; undefined where a page has no list. One look at each page. */
async function recordCount(warehouse: IngestWarehouse, objects: string, pointer: string): Promise<number | undefined> {
  const list = literal(pointer.slice(0, pointer.indexOf('[*]')));
  const [row] = await warehouse.rows<{ records: bigint; lost: boolean }>(
    `SELECT coalesce(sum(length), 0)::BIGINT AS records,
       coalesce(bool_or(CASE WHEN length > 0 THEN false ELSE json_type(json, ${list}) IS DISTINCT FROM 'ARRAY' END), false) AS lost
     FROM (SELECT json, json_array_length(json, ${list}) AS length FROM ${objects})`,
  );
  return row!.lost ? undefined : Number(row!.records);
}

async function readPages(warehouse: IngestWarehouse, { kind, pointer, path, largest }: Pages, origin: string) {
  const objects = `read_json_objects(${literal(path)}, format = 'unstructured', maximum_object_size = ${Math.max(1 << 20, largest + 1024)})`;
  const insert = (record: string) =>
    `INSERT INTO fetched_record SELECT ${literal(kind)}, ${record} AS record FROM ${objects}`;
  try {
    if (!pointer) return await warehouse.run(insert('json'));
    const expected = await recordCount(warehouse, objects, pointer);
    const [row] = await warehouse.rows<{ Count: bigint }>(insert(`unnest(json_extract(json, ${literal(pointer)}))`));
    if (expected === undefined || Number(row!.Count) !== expected)
      throw new SourceError(`${origin}: a page of ${kind} has no records at ${pointer}`, {
        hint: 'the system answered with something else than data; run again later, and check `base_url` in sourced.yaml if it stays',
      });
  } catch (error) {
    if (error instanceof SourceError || !/json|invalid|malformed/i.test(String(error))) throw error;
    throw new SourceError(`${origin}: a page of ${kind} is not JSON`, {
      hint: 'run again later; what was complete is kept',
      transient: true,
    });
  }
}
