// Invariants of evidence (invariants.md) where it enters: a thousand histories of a few records each, landed side by side.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csv, Landing } from './landing.ts';

const HISTORIES = 1000;
const header = 'account_id,name,domain';

/** Up to three files over two records; each row is a good version, one of two other bodies, or a row that is refused. */
const row = fc.constantFrom('1,a,', '1,b,', '1,c,', '2,a,', '2,b,', '1 ,blank,', '2,ragged');
const history = fc.array(fc.array(row, { maxLength: 4 }), { minLength: 3, maxLength: 3 });
const samples = fc.sample(history, { numRuns: HISTORIES, seed: 20261125 });

/** A row of one history as it stands in the file of all. */
const named = (text: string, index: number) => `H${index}-${text}`;

/** Lands the n-th files of all histories as one file, in the order that `arrange` gives; then tells what came of it. */
async function land(files: readonly (readonly string[])[][], arrange: (rows: string[]) => string[] = (rows) => rows) {
  const place = await Landing.open();
  try {
    for (let at = 0; at < 3; at++) {
      const rows = arrange(files.flatMap((one, index) => (one[at] ?? []).map((text) => named(text, index))));
      const load = await place.loadOne('accounts.csv', csv(header, ...rows));
      expect(load.fetched).toBe(rows.length);
      expect(load.accepted + load.repeats + load.quarantined).toBe(rows.length);
    }
    const current = (await place.current('accounts')).map(({ payload }) => `${payload.account_id},${payload.name}`);
    const refused = (await place.refused()).map(({ record_id, reason, state }) => `${record_id} ${reason} ${state}`);
    return { current, refused: refused.sort() };
  } finally {
    place.close();
  }
}

/** By a hash of the text, so that neighbours part. */
function shuffled(rows: readonly string[]): string[] {
  const rank = (text: string) => [...text].reduce((hash, letter) => (hash * 33 + letter.codePointAt(0)!) % 99991, 5);
  return [...rows].sort((left, right) => rank(left) - rank(right) || (left < right ? -1 : 1));
}

/** The rule in plain words: in one file one good body is the version from then on; of several none is, and a known one among them falls. */
function expected(files: readonly (readonly string[])[], index: number): string[] {
  const current = new Map<string, string>();
  for (const rows of files) {
    const good = new Set(rows.filter((text) => /^[12],[abc],$/.test(text)));
    for (const [key, bodies] of Map.groupBy(good, (text) => text[0]!)) {
      const known = current.get(key);
      if (bodies.length === 1) current.set(key, bodies[0]!);
      else if (known !== undefined && bodies.includes(known)) current.delete(key);
    }
  }
  return [...current.values()].map((text) => named(text.slice(0, -1), index));
}

describe(`${HISTORIES} histories`, () => {
  test('end as the rule says; every load balances', async () => {
    const { current } = await land(samples);
    expect([...current].sort()).toEqual(samples.flatMap(expected).sort());
  });

  test('digest(any order of E) = digest(E)', async () => {
    expect(await land(samples, shuffled)).toEqual(await land(samples));
  });

  test('digest(E + E) = digest(E): every row twice in its file changes nothing', async () => {
    expect(await land(samples, (rows) => [...rows, ...rows])).toEqual(await land(samples));
  });

  test('any batching: a file that grows over three loads ends where the whole at once does', async () => {
    const whole = samples.map((files) => files.flat());
    const grown = whole.map((rows, index) => {
      const cuts = [index % (rows.length + 1), (index * 7) % (rows.length + 1)].sort((left, right) => left - right);
      return [rows.slice(0, cuts[0]), rows.slice(0, cuts[1]), rows];
    });
    expect(await land(grown)).toEqual(await land(whole.map((rows) => [rows, rows, rows])));
  });

  test('a record that was refused and is corrected is what it would be had it come clean', async () => {
    const bad = ['1,ragged', '1,nul\u0000,', '1,a,\n1,b,'];
    const corrected = samples.map((_, index) => [
      [bad[index % bad.length]!.replace('\n', `\nH${index}-`)],
      [],
      ['1,good,'],
    ]);
    const clean = samples.map(() => [[], [], ['1,good,']]);
    const { current, refused } = await landUncounted(corrected);
    expect(current).toEqual((await landUncounted(clean)).current);
    expect(refused.length).toBeGreaterThanOrEqual(HISTORIES);
    expect(refused.filter((text) => text.endsWith(' open'))).toEqual([]);
  });
});

/** As `land`; a text may hold several rows, so only the end is looked at. */
async function landUncounted(files: readonly (readonly string[])[][]) {
  const place = await Landing.open();
  try {
    for (let at = 0; at < 3; at++) {
      const rows = files.flatMap((one, index) => (one[at] ?? []).map((text) => named(text, index)));
      await place.loadOne('accounts.csv', csv(header, ...rows));
    }
    const current = (await place.current('accounts')).map(({ payload }) => `${payload.account_id},${payload.name}`);
    const refused = (await place.refused()).map(({ record_id, reason, state }) => `${record_id} ${reason} ${state}`);
    return { current, refused };
  } finally {
    place.close();
  }
}
