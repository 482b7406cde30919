// When so many records of a batch are refused that the source must have changed, the batch is not believed.
import { SourceError } from '../core/errors.ts';
import type { StreamName } from '../core/streams.ts';
import type { IngestWarehouse } from './connector.ts';
import { reasonInWords } from './rules.ts';

/** A batch is not believed when more than this share of a stream is refused … */
const refusedShare = 0.2;
/** … and at least this many records: one bad record of three is a bad record. */
const refusedLeast = 5;

/** Reads temporary table `refused`. Throws SourceError that names the commonest reason and one of its records. */
export async function haltIfTooManyRefused(
  warehouse: IngestWarehouse,
  fetched: number,
  { origin, stream }: { origin: string; stream: StreamName },
): Promise<void> {
  const reasons = await warehouse.rows<{ reason: string; records: bigint; example: string | null }>(
    'SELECT reason, count(*) AS records, min(record_id) AS example FROM refused GROUP BY reason ORDER BY records DESC, reason',
  );
  const refused = reasons.reduce((sum, { records }) => sum + Number(records), 0);
  if (refused < refusedLeast || refused <= fetched * refusedShare) return;
  const { reason, records, example } = reasons[0]!;
  const words = reasonInWords(reason, stream);
  throw new SourceError(
    `${origin}: ${refused} of ${fetched} ${stream} cannot be used; ${records} for ${reason}${words ? ` (${words})` : ''}${example ? `, such as ${example}` : ''}`,
    {
      hint: 'the system seems to have removed or renamed a field, or the key may not see it; nothing of this batch was taken',
    },
  );
}
