// People's decisions in the books: written once, chained, never changed. What a kind of decision means, and who may take it, is
// decided by its caller.
import { randomBytes } from 'node:crypto';
import type { Decision, DecisionBook, DecisionRequest } from '../core/decision.ts';
import { exitStatus, SourcedError } from '../core/errors.ts';
import {
  type ChainRow,
  type ChainValue,
  type Connection,
  decisionColumns,
  headOf,
  insertRow,
  link,
  moveHead,
  type StoredRow,
} from './books-chain.ts';

/** Holds the write lock while `work` reads and writes. */
type Transaction = <Result>(work: () => Result) => Result;

/** Decisions over the books' table `decision`. */
export function decisionsOf(connection: Connection, transaction: Transaction, clock: () => string): DecisionBook {
  const toDecision = (row: StoredRow): Decision =>
    ({ ...row, detail: JSON.parse(row.detail as string) }) as unknown as Decision;
  const read = (sql: string, ...parameters: ChainValue[]): Decision[] =>
    connection
      .prepare(sql)
      .all(...parameters)
      .map((row) => toDecision(row as StoredRow));
  const about = (subject_kind: string, subject_id: string) =>
    read(
      'select * from decision where subject_kind = ? and subject_id = ? order by sequence',
      subject_kind,
      subject_id,
    );
  return {
    list: () => read('select * from decision order by sequence'),
    last: () => headOf(connection, 'decision').sequence,
    about,
    aboutMoved: (subject_kind, sequence) =>
      read(
        `select * from decision where subject_kind = ? and subject_id in (
           select subject_id from decision where subject_kind = ? and sequence > ?) order by sequence`,
        subject_kind,
        subject_kind,
        sequence,
      ),
    latest: (filter, limit) => {
      const given = Object.entries(filter).filter(([, value]) => value !== undefined);
      const where = given.map(([column]) => `${column} = ?`).join(' and ') || 'true';
      return read(
        `select * from (select * from decision where ${where} order by sequence desc limit ?) order by sequence`,
        ...given.map(([, value]) => value as string),
        limit,
      );
    },
    record: (request, permit) =>
      transaction(() => {
        const earlier = repeated(connection, request);
        if (earlier) return toDecision(earlier);
        permit?.(about(request.subject_kind, request.subject_id));
        return toDecision(write(connection, clock, request));
      }),
  };
}

function write(connection: Connection, clock: () => string, request: DecisionRequest): StoredRow {
  const head = headOf(connection, 'decision');
  const { idempotency_key = null, detail = {}, ...rest } = request;
  const row: ChainRow = {
    ...rest,
    sequence: head.sequence + 1n,
    decision_id: `decision-${randomBytes(10).toString('hex')}`,
    decided_at: clock(),
    detail: JSON.stringify(detail),
    idempotency_key,
  };
  const hash = link(head.hash, decisionColumns, row);
  insertRow(connection, 'decision', [...decisionColumns, 'hash'], { ...row, hash });
  moveHead(connection, 'decision', { sequence: head.sequence + 1n, hash });
  return { ...row, hash };
}

const repeatedColumns = ['role', 'kind', 'subject_kind', 'subject_id', 'reason'] as const;

function repeated(connection: Connection, request: DecisionRequest): StoredRow | undefined {
  if (request.idempotency_key === undefined) return undefined;
  const row = connection
    .prepare('select * from decision where person = ? and idempotency_key = ?')
    .get(request.person, request.idempotency_key) as StoredRow | undefined;
  if (!row) return undefined;
  const isSame =
    repeatedColumns.every((column) => row[column] === request[column]) &&
    row.detail === JSON.stringify(request.detail ?? {});
  if (!isSame)
    throw new SourcedError(
      'idempotency_key_reused',
      exitStatus.usage,
      'this idempotency key was used for another decision',
      'use a new key',
    );
  return row;
}
