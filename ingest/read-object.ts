// Reads one vendor object from where it was left to now: each batch that its connector yields is landed before the next one.
import { join } from 'node:path';
import type { StreamName } from '../core/streams.ts';
import type { Batch, VendorObject } from './api.ts';
import type { IngestWarehouse, IngestWorkspace, World } from './connector.ts';
import { type CursorPlace, queryDigest, readCursor } from './cursor.ts';
import type { LoadBase } from './land.ts';
import { type BatchLanding, type LandedBatch, landBatch, landState, loadBase } from './land-batch.ts';
import { type Load, logLoad, nextLoadId } from './load-log.ts';
import { type FetchedPages, type OwnPageStore, openPageStore } from './pages.ts';

export type ObjectReading = {
  readonly warehouse: IngestWarehouse;
  readonly workspace: IngestWorkspace;
  readonly place: CursorPlace;
  readonly object: VendorObject;
  readonly world: World;
  /** The time of loading, RFC 3339. */
  readonly clock: () => string;
  /** Called with what each batch brought, as soon as it is landed. */
  readonly report: (batch: LandedBatch) => void;
  /** Where batches go; default the raw log. */
  readonly land?: (landing: BatchLanding, batch: Batch, pages: FetchedPages) => Promise<LandedBatch>;
};

/** Lands and reports every batch. Throws SourceError where the source fails; what was landed before stays. */
export async function readObject(reading: ObjectReading): Promise<void> {
  const { warehouse, workspace, place, object, world, clock, report, land = landBatch } = reading;
  const digest = queryDigest(object);
  const state = await readCursor(warehouse, place, digest);
  const now = world.now();
  const fetched_at = new Date(now).toISOString();
  const landing = { warehouse, place, object, digest, first_state: state, fetched_at, clock };
  const pages = await openPageStore(join(workspace.state, 'fetch', place.source, object.object));
  const spoken = new Set<StreamName>();
  try {
    for await (const batch of object.read({ state, now, pages })) {
      const landed = await landTaken(landing, batch, await pages.take(), land);
      await pages.clear();
      for (const { stream } of landed.loads) spoken.add(stream);
      report(landed);
    }
    await assertNothingLeft(pages, object);
  } finally {
    await pages.clear();
  }
  if (land === landBatch) report({ ...nothing, loads: await logQuietStreams(landing, spoken) });
}

const nothing: LandedBatch = { loads: [], drift: [], fetched: 0 };

async function landTaken(
  landing: BatchLanding,
  batch: Batch,
  pages: FetchedPages,
  land: NonNullable<ObjectReading['land']>,
): Promise<LandedBatch> {
  if (pages.count > 0 || batch.sweep) return land(landing, batch, pages);
  await landState(landing, batch.state);
  return nothing;
}

/** A connector that ends without a batch for its last pages would lose them. */
async function assertNothingLeft(pages: OwnPageStore, { object }: VendorObject): Promise<void> {
  const { count } = await pages.take();
  if (count > 0) throw new Error(`${object}: ${count} pages were added after the last batch`);
}

/** A reading that brought nothing for a stream is a complete load of it all the same: that is what freshness looks at. */
async function logQuietStreams(landing: BatchLanding, spoken: ReadonlySet<StreamName>): Promise<Load[]> {
  const { warehouse, place, object, clock } = landing;
  const delivered = new Set(object.records.flatMap(({ stream, presence_only }) => (presence_only ? [] : stream)));
  return warehouse.transaction(async () => {
    const logged: Load[] = [];
    for (const stream of [...delivered].filter((name) => !spoken.has(name)))
      logged.push(await logQuiet(warehouse, loadBase(place, stream, quietDigest, clock()), clock()));
    return logged;
  });
}

async function logQuiet(warehouse: IngestWarehouse, base: LoadBase, completed_at: string): Promise<Load> {
  const none = { fetched: 0, accepted: 0, repeats: 0, quarantined: 0, first_sequence: null, last_sequence: null };
  const load_id = await nextLoadId(warehouse, base.file_digest);
  return logLoad(warehouse, { ...base, ...none, load_id, completed_at, is_unchanged: true });
}

/** Stands where loads of something have the digest of what was read. */
const quietDigest = 'nothing';
