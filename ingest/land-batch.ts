// Lands one batch of an API: records of all its streams, tombstones, quarantine, the log of loads and the cursor, in one
// transaction. Either all of it is there, and the next reading goes on behind it, or nothing is.
import { literal } from '../core/sql.ts';
import type { StreamName } from '../core/streams.ts';
import type { Batch, RecordMapping, State, Sweep, VendorObject } from './api.ts';
import { judgeArrivals } from './arrivals.ts';
import type { IngestWarehouse } from './connector.ts';
import { type CursorPlace, writeCursor } from './cursor.ts';
import { type Drift, noteFields } from './drift.ts';
import { haltIfTooManyRefused } from './halt.ts';
import { appendStaged, hasVersions, type LoadBase } from './land.ts';
import { type Load, nextSequence } from './load-log.ts';
import { createFetched, type FetchedPages } from './pages.ts';
import { currentVersions } from './raw-schema.ts';
import type { Staged } from './stage.ts';
import { mappedRecords, noRecords, stageRecords } from './stage-records.ts';
import { beginSweep, forgetSweep, lostChildren, lostInSweep, noteSwept } from './tombstones.ts';
import { collectRefused, type Judged } from './verdicts.ts';

export type BatchLanding = {
  readonly warehouse: IngestWarehouse;
  readonly place: CursorPlace;
  readonly object: VendorObject;
  /** `queryDigest` of the object. */
  readonly digest: string;
  /** The state that the reading began with. */
  readonly first_state: State | null;
  /** When the reading began, RFC 3339. */
  readonly fetched_at: string;
  readonly clock: () => string;
};

export type LandedBatch = {
  readonly loads: readonly Load[];
  readonly drift: readonly Drift[];
  /** Records that the vendor sent. */
  readonly fetched: number;
};

/** Throws SourceError, and leaves everything as it was, where the batch must not be believed. */
export async function landBatch(landing: BatchLanding, batch: Batch, pages: FetchedPages): Promise<LandedBatch> {
  const { warehouse, place, object, digest, clock, fetched_at } = landing;
  return warehouse.transaction(async () => {
    const fetched = await createFetched(warehouse, pages, { origin: nameOf(place), fetched_at });
    if (batch.sweep)
      await beginSweep(warehouse, place, { id: batch.sweep.id, first_sequence: await nextSequence(warehouse) });
    const is_first = landing.first_state === null;
    const drift = await noteFields(warehouse, place, { open_fields: object.open_fields ?? [], is_first, at: clock() });
    const loads: Load[] = [];
    for (const mapping of object.records) {
      const load = await landMapping(landing, mapping, { batch, pages, drift, fetched });
      if (load) loads.push(load);
    }
    if (batch.sweep?.is_complete) loads.push(...(await finishSweep(landing, batch.sweep, pages.digest)));
    await writeCursor(warehouse, place, { state: batch.state, digest, at: clock() });
    return { loads, drift, fetched };
  });
}

/** Nothing came: the cursor alone moves. */
export async function landState({ warehouse, place, digest, clock }: BatchLanding, state: State): Promise<void> {
  await warehouse.transaction(() => writeCursor(warehouse, place, { state, digest, at: clock() }));
}

async function landMapping(
  { warehouse, place, object, clock }: BatchLanding,
  mapping: RecordMapping,
  { batch, pages, drift, fetched }: { batch: Batch; pages: FetchedPages; drift: readonly Drift[]; fetched: number },
): Promise<Load | undefined> {
  if (fetched === 0 && !mapping.replaces) return undefined;
  const started_at = clock();
  const relation = mappedRecords(object.object, mapping);
  const staged = await stageRecords(warehouse, { mapping, relation, can_hold_nul: pages.can_hold_nul });
  if (!mapping.replaces && staged.fetched === 0) return undefined;
  const landing = await judged(warehouse, place, mapping, staged);
  if (batch.sweep?.streams.includes(mapping.stream)) await noteSwept(warehouse, place, landing, batch.sweep);
  if (mapping.presence_only) return undefined;
  if (landing.has_refused)
    await haltIfTooManyRefused(warehouse, staged.fetched, { origin: nameOf(place), stream: mapping.stream });
  const lost = mapping.replaces && lostChildren(landing, mapping.replaces);
  const base = loadBase(place, mapping.stream, pages.digest, started_at, drift);
  return appendStaged(warehouse, landing, base, { clock, lost });
}

/** Decides which of the staged records are new, which repeat and which are refused. */
export async function judged(
  warehouse: IngestWarehouse,
  { source, connector }: Pick<CursorPlace, 'source' | 'connector'>,
  { stream }: Pick<RecordMapping, 'stream'>,
  staged: Staged,
): Promise<Judged> {
  const landing = {
    source,
    connector,
    stream,
    staged,
    has_history: await hasVersions(warehouse, connector, stream, source),
  };
  const has_history = await judgeArrivals(warehouse, landing);
  return collectRefused(warehouse, { ...landing, has_history });
}

/** The tombstones of a complete sweep, as a load of their own for each stream. */
async function finishSweep(landing: BatchLanding, sweep: Sweep, digest: string): Promise<Load[]> {
  const { warehouse, place } = landing;
  const loads: Load[] = [];
  await warehouse.run('CREATE OR REPLACE TEMP TABLE lost_parent (record_key VARCHAR)');
  for (const stream of sweep.streams) {
    const lost = await lostInSweep(warehouse, { ...place, stream }, sweep);
    await warehouse.run(
      `INSERT INTO lost_parent SELECT record_key FROM ${currentVersions(place.connector, stream, place.source)} AS current
       WHERE NOT is_deleted AND (${lost})`,
    );
    loads.push(await landLost(landing, stream, { lost, digest }));
  }
  for (const { stream, column } of sweep.children ?? [])
    loads.push(await landLost(landing, stream, { lost: `payload[${literal(column)}] IN (FROM lost_parent)`, digest }));
  await forgetSweep(warehouse, place);
  return loads;
}

async function landLost(
  { warehouse, place, clock }: BatchLanding,
  stream: StreamName,
  { lost, digest }: { lost: string; digest: string },
): Promise<Load> {
  const started_at = clock();
  const nothing: RecordMapping = { stream, fields: {}, columns: {}, presence_only: true };
  const staged = await stageRecords(warehouse, { mapping: nothing, relation: noRecords, can_hold_nul: false });
  const landing = await judged(warehouse, place, nothing, staged);
  return appendStaged(warehouse, landing, loadBase(place, stream, digest, started_at), { clock, lost });
}

/** The object in messages; they begin with their source. */
export function nameOf({ source, object }: Pick<CursorPlace, 'source' | 'object'>): string {
  return `${source}: ${object.replaceAll('_', ' ')}`;
}

/** The part of a load that is known before it is counted. */
export function loadBase(
  place: CursorPlace,
  stream: StreamName,
  digest: string,
  started_at: string,
  drift: readonly Drift[] = [],
): LoadBase {
  const { source, connector, object, generation } = place;
  const mapping = JSON.stringify({ object, generation, ...(drift.length && { schema_drift: drift }) });
  return { source, connector, stream, file: `${connector} ${object}`, file_digest: digest, started_at, mapping };
}
