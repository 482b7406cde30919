// A file without a byte, where that is said to be fine: no records.
import { identifier } from '../../core/sql.ts';
import type { StreamName } from '../../core/streams.ts';
import type { Extract } from '../connector.ts';
import { columnNames } from '../sql.ts';
import { fingerprint } from './fingerprint.ts';

export async function emptyExtract({
  stream,
  path,
  origin,
}: {
  stream: StreamName;
  path: string;
  origin: string;
}): Promise<Extract> {
  const names = columnNames(stream);
  const nulls = names.map((name) => `NULL::VARCHAR AS ${identifier(name)}`).join(', ');
  return {
    stream,
    origin,
    digest: (await fingerprint(path)).digest,
    mapping: {},
    relation: `(SELECT ${nulls} LIMIT 0)`,
    columns: Object.fromEntries(names.map((name) => [name, identifier(name)])),
    can_hold_nul: false,
    first_record: 1,
  };
}
