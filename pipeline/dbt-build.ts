// Builds the models of the compiled dbt project and holds them against their data tests, as `dbt build` does, without dbt's own time.
import { identifier } from '../ingest/sql.ts';
import { DbtError, type DbtFailure } from './dbt.ts';
import type { DbtNode } from './dbt-project.ts';
import type { Warehouse } from './warehouse.ts';

export type DbtCounts = { models: number; tests: number };

/** What the job writes: a part of the models reads it, and is built after the job. */
const jobSources = /^source\.sourced\.(attribution|ledger)\./;

/** What must stand before the job, and what reads of it, directly or not. */
export function partsOf(nodes: readonly DbtNode[]): { before: DbtNode[]; after: DbtNode[] } {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const known = new Map<string, boolean>();
  const isAfter = (id: string): boolean => {
    const found = known.get(id) ?? (jobSources.test(id) || (byId.get(id)?.reads ?? []).some(isAfter));
    known.set(id, found);
    return found;
  };
  return { before: nodes.filter(({ id }) => !isAfter(id)), after: nodes.filter(({ id }) => isAfter(id)) };
}

/** So many at a time: what one cannot do with both threads of DuckDB leaves room for the other. */
const lanes = 2;

type Session = Pick<Warehouse, 'run' | 'rows'>;

/** Builds and tests `nodes`, each after what it reads of them. Throws DbtError with what failed; nothing is begun after a failure. */
export async function buildNodes(warehouse: Warehouse, nodes: readonly DbtNode[]): Promise<DbtCounts> {
  await makeRoom(warehouse, nodes);
  const sessions = await Promise.all(Array.from({ length: lanes }, () => warehouse.session()));
  const failures: DbtFailure[] = [];
  try {
    await inOrder(nodes, sessions, async (node, session) => {
      const message = await problemOf(node, session);
      if (message) failures.push({ node: node.id, message });
      return !message;
    });
  } finally {
    for (const session of sessions) session.close();
  }
  if (failures.length) throw new DbtError(failures);
  const tests = nodes.filter(({ type }) => type === 'test').length;
  return { models: nodes.length - tests, tests };
}

/** Schemas that are missing, and out of the way what stands as a table where a view is wanted, or the reverse. */
async function makeRoom(warehouse: Session, nodes: readonly DbtNode[]): Promise<void> {
  const models = nodes.filter(({ type }) => type !== 'test');
  for (const schema of new Set(models.map(({ schema }) => schema)))
    await warehouse.run(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
  const standing = await warehouse.rows<{ relation: string; type: string }>(`
    SELECT format('"{}"."{}"."{}"', table_catalog, table_schema, table_name) AS relation,
      CASE table_type WHEN 'VIEW' THEN 'view' ELSE 'table' END AS type
    FROM information_schema.tables`);
  const types = new Map(standing.map(({ relation, type }) => [relation, type]));
  for (const { relation, type } of models) {
    const other = types.get(relation!);
    if (other && other !== type) await warehouse.run(`DROP ${other} ${relation}`);
  }
}

/** Works through the nodes with all sessions at once until none is left or one did not succeed. */
async function inOrder<Lane>(
  nodes: readonly DbtNode[],
  sessions: readonly Lane[],
  work: (node: DbtNode, session: Lane) => Promise<boolean>,
): Promise<void> {
  const undone = new Set(nodes.map(({ id }) => id));
  const waiting = new Set([...nodes].sort((a, b) => Number(b.type === 'test') - Number(a.type === 'test'))); // tests first
  const running = new Map<Lane, Promise<void>>();
  const next = () => waiting.values().find(({ reads }) => !reads.some((id) => undone.has(id)));
  const start = (node: DbtNode, session: Lane) => {
    waiting.delete(node);
    const done = work(node, session).then((succeeded) => {
      undone.delete(node.id);
      running.delete(session);
      if (!succeeded) waiting.clear();
    });
    running.set(session, done);
  };
  while (waiting.size || running.size) {
    for (const session of sessions.filter((session) => !running.has(session))) {
      const node = next();
      if (node) start(node, session);
    }
    await Promise.race(running.values());
  }
}

/** Runs a node; why it did not succeed, if so. */
async function problemOf(node: DbtNode, session: Session): Promise<string | undefined> {
  try {
    return await (node.type === 'test' ? testProblem(node, session) : modelProblem(node, session));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function testProblem({ sql }: DbtNode, session: Session): Promise<string | undefined> {
  const [row] = await session.rows<{ failures: bigint }>(`SELECT count(*) AS failures FROM (${sql}\n)`);
  const { failures } = row!;
  return failures ? `${failures} ${failures === 1n ? 'row' : 'rows'}, where there should be none` : undefined;
}

async function modelProblem({ type, relation, contract, sql }: DbtNode, session: Session): Promise<string | undefined> {
  const problem = contract && (await contractProblem(sql, contract, session));
  if (problem) return problem;
  const columns = contract ? Object.keys(contract).map(identifier).join(', ') : '*';
  await session.run(`CREATE OR REPLACE ${type} ${relation} AS SELECT ${columns} FROM (${sql}\n) AS model`);
  return undefined;
}

/** The first column that is not as the contract says. */
async function contractProblem(
  sql: string,
  contract: Readonly<Record<string, string>>,
  session: Session,
): Promise<string | undefined> {
  const columns = await session.rows<{ column_name: string; column_type: string }>(`DESCRIBE FROM (${sql}\n)`);
  const types = Object.fromEntries(columns.map(({ column_name, column_type }) => [column_name, column_type]));
  for (const name of new Set([...Object.keys(contract), ...Object.keys(types)])) {
    const promised = contract[name]?.toUpperCase();
    if (types[name] !== promised)
      return `column ${name} is ${types[name] ?? 'missing'}, its contract says ${promised ?? 'nothing of it'}`;
  }
  return undefined;
}
