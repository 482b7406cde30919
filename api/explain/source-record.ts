// Explains one record of a source: where it was read, what it says, and which figures stand on it.
import type { Release } from '../release-store.ts';
import { type ExplainContext, type Explained, facts, nothing, one, PARTS_MAX, type Part, recordsOf } from './parts.ts';

/** Streams whose records are touches, with what stands before the record's id in the touch's (fine-print 6). */
const touchPrefixes = { leads: 'lead:', deal_registrations: 'registration:', touchpoints: '' } as const;
type TouchStream = keyof typeof touchPrefixes;

/** SQL for the explain id of a rule's evidence: the key of its record; for `carry_forward` the deal that it is carried from. */
export function evidenceKey(rule: string, evidence_id: string): string {
  return `CASE ${rule} WHEN 'deal_registration' THEN 'deal_registrations/' || ${evidence_id}
    WHEN 'partner_lead' THEN 'leads/' || ${evidence_id} WHEN 'crm_field' THEN 'deals/' || ${evidence_id}
    WHEN 'first_touch' THEN ${touchKey(evidence_id)} ELSE ${evidence_id} END`;
}

/** SQL for the key of the record that a touch is: leads and registrations are touches too (fine-print 6). */
export function touchKey(touchpoint_id: string): string {
  return `CASE WHEN starts_with(${touchpoint_id}, 'lead:') THEN 'leads/' || substr(${touchpoint_id}, 6)
    WHEN starts_with(${touchpoint_id}, 'registration:') THEN 'deal_registrations/' || substr(${touchpoint_id}, 14)
    ELSE 'touchpoints/' || ${touchpoint_id} END`;
}

/** `<stream>/<source>:<native key>`: the record, where it was read, and what it is behind. */
export async function record(context: ExplainContext, id: string): Promise<Explained> {
  const { release } = context;
  const { file, record: number, ...row } = await one(release, 'FROM lineage_record WHERE record_key = $id', id);
  const place = file === null ? `source ${row.source}` : `${file}, record ${number}`;
  return {
    ...nothing,
    id,
    kind: 'record',
    title: `Record of ${words(String(row.stream))}`,
    statement: `As its source sent it, read from ${place}.`,
    facts: facts({ Source: row.source as string, File: file as string | null, Record: number as bigint | null }),
    parts: [...(await touchesOf(release, id)), ...(await figuresOf(release, id))],
    ...(await recordsOf(context, { keys: { [id]: 'itself' } })),
  };
}

/** The deals that the record is a touch of, counted or not. */
async function touchesOf(release: Release, id: string): Promise<Part[]> {
  const [stream, key] = [id.slice(0, id.indexOf('/')), id.slice(id.indexOf('/') + 1)];
  if (!(stream in touchPrefixes)) return [];
  const rows = await release.rows<{ deal_id: string; name: string | null; is_counted: boolean; reason: string | null }>(
    `SELECT deal_id, dim_deal.name, is_counted, reason FROM fct_touchpoint LEFT JOIN dim_deal USING (deal_id)
     WHERE touchpoint_id = $touch ORDER BY is_counted DESC, deal_id LIMIT ${PARTS_MAX}`,
    { touch: touchPrefixes[stream as TouchStream] + key },
  );
  return rows.map(({ deal_id, name, is_counted, reason }) =>
    part(deal_id, `${name ?? deal_id}: ${is_counted ? 'a touch that counts' : `no touch, ${words(reason ?? '')}`}`),
  );
}

async function figuresOf(release: Release, id: string): Promise<Part[]> {
  const rows = await release.rows<{ figure_kind: string; figure_id: string; role: string; name: string | null }>(
    `SELECT figure_kind, figure_id, role, dim_deal.name FROM lineage_edge
     LEFT JOIN dim_deal ON figure_kind = 'deal' AND deal_id = figure_id
     WHERE target_kind = 'record' AND target_id = $id ORDER BY ALL LIMIT ${PARTS_MAX}`,
    { id },
  );
  return rows.map(({ figure_kind, figure_id, role, name }) =>
    part(figure_id, `${name ?? figure_id}: ${words(role)}`, figure_kind),
  );
}

function part(id: string, label: string, kind = 'deal'): Part {
  return { id, kind, label, amount: null, explain_id: id };
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}
