// Reads a source anew while the numbers go on with what is known: the new reading is collected beside the log under the next
// generation, and replaces the old one in a single transaction when it is complete. It can be stopped and gone on with.
import { SourceError } from '../core/errors.ts';
import { identifier, literal } from '../core/sql.ts';
import type { StreamName } from '../core/streams.ts';
import type { Batch, RecordMapping, Sweep, VendorObject } from './api.ts';
import type { ApiConnector, IngestWarehouse } from './connector.ts';
import { type CursorPlace, currentGeneration, queryDigest, writeCursor } from './cursor.ts';
import { failureOf } from './failures.ts';
import { appendStaged } from './land.ts';
import { type BatchLanding, judged, type LandedBatch, loadBase, nameOf } from './land-batch.ts';
import type { Load } from './load-log.ts';
import { createFetched, type FetchedPages } from './pages.ts';
import { currentVersions } from './raw-schema.ts';
import { type ObjectReading, readObject } from './read-object.ts';
import { columnNames, recordKey } from './sql.ts';
import { count } from './stage.ts';
import { mappedRecords, stageRecords } from './stage-records.ts';

type Resync = Omit<ObjectReading, 'place' | 'object'> & {
  readonly source: string;
  readonly connector: ApiConnector<never>;
  readonly objects: readonly VendorObject[];
};

/** Collects all objects, then swaps. Throws SourceError where one of them fails: what was collected is kept for the next try. */
export async function resync(options: Resync): Promise<Load[]> {
  const { warehouse, source, connector, objects, clock } = options;
  const place = { source, connector: connector.name };
  const generation = (await currentGeneration(warehouse, place)) + 1;
  await prepare(warehouse, { ...place, generation }, connector.delivers, objects);
  for (const object of objects)
    await readObject({
      ...options,
      place: { ...place, object: object.object, generation },
      object,
      land: collectBatch,
    }).catch((error: unknown) => {
      if (!(error instanceof SourceError)) throw error;
      throw failureOf(source, [object], error, [`what is known of ${source} stays as it is`]);
    });
  return swap(warehouse, { ...place, generation }, connector.delivers, clock);
}

type Generation = Omit<CursorPlace, 'object'>;

/** Goes on with an unfinished generation only where every cursor of it still fits; else it begins again. */
async function prepare(
  warehouse: IngestWarehouse,
  generation: Generation,
  delivers: readonly StreamName[],
  objects: readonly VendorObject[],
): Promise<void> {
  const digests = new Map(objects.map((object) => [object.object, queryDigest(object)]));
  const cursors = await warehouse.rows<{ object: string; query_digest: string }>(
    `SELECT object, query_digest FROM raw.cursor WHERE ${placeCondition(generation)}`,
  );
  if (cursors.some(({ object, query_digest }) => digests.get(object) !== query_digest)) {
    await warehouse.run(`DELETE FROM raw.cursor WHERE ${placeCondition(generation)}`);
    for (const stream of delivers) await warehouse.run(`DROP TABLE IF EXISTS ${collected(generation, stream)}`);
  }
  await warehouse.run('CREATE SCHEMA IF NOT EXISTS resync');
  for (const stream of delivers) {
    const columns = collectedColumns(stream).map((name) => `${identifier(name)} VARCHAR`);
    await warehouse.run(`CREATE TABLE IF NOT EXISTS ${collected(generation, stream)} (${columns.join(', ')})`);
  }
}

function collected({ source }: Pick<Generation, 'source'>, stream: StreamName): string {
  return `resync.${identifier(`${source}_${stream}`)}`;
}

function collectedColumns(stream: StreamName): string[] {
  return [...columnNames(stream), 'other', 'updated_at', 'is_deleted_text', 'reader_refusal'];
}

function placeCondition({ source, connector, generation }: Generation): string {
  return `source = ${literal(source)} AND connector = ${literal(connector)} AND generation = ${generation}`;
}

/** The place of `landBatch` in a reading anew: the mapped records are kept as they are, and judged in the swap. */
async function collectBatch(landing: BatchLanding, batch: Batch, pages: FetchedPages): Promise<LandedBatch> {
  const { warehouse, place, object, digest, clock, fetched_at } = landing;
  return warehouse.transaction(async () => {
    const fetched = await createFetched(warehouse, pages, { origin: nameOf(place), fetched_at });
    for (const mapping of object.records) await collect(landing, mapping, batch.sweep);
    if (batch.sweep?.is_complete) await leaveOutLost(warehouse, place, batch.sweep);
    await writeCursor(warehouse, place, { state: batch.state, digest, at: clock() });
    return { loads: [], drift: [], fetched };
  });
}

async function collect({ warehouse, place, object }: BatchLanding, mapping: RecordMapping, sweep: Sweep | undefined) {
  const { stream, replaces, presence_only } = mapping;
  const table = collected(place, stream);
  const records = mappedRecords(object.object, mapping);
  if (sweep?.streams.includes(stream))
    await warehouse.run(
      `INSERT INTO raw.sweep_key SELECT DISTINCT ${sweepColumns(place, sweep)}, ${literal(stream)}, key
       FROM (SELECT ${keyOf(mapping)} AS key FROM ${records}) WHERE key IS NOT NULL`,
    );
  if (presence_only) return;
  if (replaces)
    await warehouse.run(`DELETE FROM ${table} WHERE ${identifier(replaces.column)} IN (${replaces.parents})`);
  await warehouse.run(`INSERT INTO ${table} BY NAME SELECT * FROM ${records}`);
}

function keyOf({ stream, columns }: RecordMapping): string {
  return recordKey(stream, (name) => (name in columns ? identifier(name) : 'NULL::VARCHAR'));
}

function sweepColumns({ source, connector, object, generation }: CursorPlace, { id }: Sweep): string {
  return [source, connector, `${object} ${generation}`, id].map(literal).join(', ');
}

/** What a complete sweep did not find is not collected either: it was deleted since it was read. */
async function leaveOutLost(warehouse: IngestWarehouse, place: CursorPlace, sweep: Sweep): Promise<void> {
  const where = `source = ${literal(place.source)} AND object = ${literal(`${place.object} ${place.generation}`)}`;
  for (const stream of sweep.streams)
    await warehouse.run(
      `DELETE FROM ${collected(place, stream)} WHERE ${recordKey(stream, identifier)} NOT IN (
         SELECT record_key FROM raw.sweep_key WHERE ${where} AND sweep_id = ${literal(sweep.id)} AND stream = ${literal(stream)})`,
    );
  const seen = `SELECT record_key FROM raw.sweep_key WHERE ${where} AND sweep_id = ${literal(sweep.id)}`;
  for (const { stream, column } of sweep.children ?? [])
    await warehouse.run(`DELETE FROM ${collected(place, stream)} WHERE ${identifier(column)} NOT IN (${seen})`);
  await warehouse.run(`DELETE FROM raw.sweep_key WHERE ${where}`);
}

/** Everything at once: new versions, tombstones of what is gone, and the cursors of the new generation. */
async function swap(
  warehouse: IngestWarehouse,
  generation: Generation,
  delivers: readonly StreamName[],
  clock: () => string,
): Promise<Load[]> {
  return warehouse.transaction(async () => {
    const loads: Load[] = [];
    for (const stream of delivers) loads.push(await swapStream(warehouse, generation, stream, clock));
    const { source, connector, generation: number } = generation;
    const place = [source, connector];
    await warehouse.run('INSERT INTO raw.generation VALUES (?, ?, ?, ?::TIMESTAMPTZ)', [...place, number, clock()]);
    await warehouse.run('DELETE FROM raw.cursor WHERE source = ? AND connector = ? AND generation < ?', [
      ...place,
      number,
    ]);
    await warehouse.run('DELETE FROM raw.sweep WHERE source = ? AND connector = ?', place);
    for (const stream of delivers) await warehouse.run(`DROP TABLE ${collected(generation, stream)}`);
    return loads;
  });
}

async function swapStream(
  warehouse: IngestWarehouse,
  generation: Generation,
  stream: StreamName,
  clock: () => string,
): Promise<Load> {
  const { source, connector } = generation;
  const started_at = clock();
  const columns = Object.fromEntries(columnNames(stream).map((name) => [name, identifier(name)]));
  const mapping: RecordMapping = {
    stream,
    fields: {},
    columns,
    source_time: 'updated_at',
    is_deleted: 'is_deleted_text',
  };
  const relation = `(SELECT * FROM ${collected(generation, stream)} ORDER BY rowid)`;
  const staged = await stageRecords(warehouse, { mapping, relation, can_hold_nul: true });
  const landing = await judged(warehouse, generation, mapping, staged);
  const known = await count(warehouse, `${currentVersions(connector, stream, source)} AS current WHERE NOT is_deleted`);
  if (staged.fetched === 0 && known > 0)
    throw new SourceError(`${source}: read anew, ${stream} is empty, where ${known} records are known`, {
      hint: 'nothing was changed; does the key still see them?',
    });
  const key = recordKey(stream, identifier);
  const lost = `record_key NOT IN (SELECT key FROM (SELECT ${key} AS key FROM numbered) WHERE key IS NOT NULL)`;
  const base = loadBase({ ...generation, object: 'everything' }, stream, `resync-${generation.generation}`, started_at);
  return appendStaged(warehouse, landing, base, { clock, lost });
}
