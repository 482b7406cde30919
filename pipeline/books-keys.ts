// Keys name a person and a role; the books hold only their hashes, and a secret is shown once.
import { createHash, randomBytes } from 'node:crypto';

export type Role = 'leadership' | 'revops' | 'finance' | 'partner';

/** A key as it is known after its creation: never the secret, nor its hash. */
export interface AccessKey {
  readonly key_id: string;
  readonly person: string;
  readonly role: Role;
  /** The partner that a key of role `partner` speaks for; null for every other role. */
  readonly partner_id: string | null;
  readonly created_at: string;
  readonly revoked_at: string | null;
}

export interface KeyBook {
  /** The secret is returned once and stored nowhere. */
  create(request: { person: string; role: Role; partner_id?: string | null }): { key: AccessKey; secret: string };
  /** The key of a secret, unless it was revoked. */
  find(secret: string): AccessKey | undefined;
  list(): AccessKey[];
  /** Revokes by key id; false where there is no such key in force. */
  revoke(key_id: string): boolean;
}

/** The part of a SQLite connection that keys need. */
interface Statements {
  prepare(sql: string): {
    get(...parameters: (string | null)[]): object | undefined;
    all(): object[];
    run(...parameters: (string | null)[]): { readonly changes: number | bigint };
  };
}

/** Keys over the books' table `access_key`. */
export function keysOf(database: Statements, clock: () => string): KeyBook {
  const columns = 'key_id, person, role, partner_id, created_at, revoked_at';
  // A secret holds 256 random bits, so that a plain hash cannot be searched for it.
  const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
  return {
    create: ({ person, role, partner_id = null }) => {
      const secret = `sourced_${randomBytes(32).toString('base64url')}`;
      const key: AccessKey = {
        key_id: `key-${randomBytes(6).toString('hex')}`,
        person,
        role,
        partner_id,
        created_at: clock(),
        revoked_at: null,
      };
      database
        .prepare(`insert into access_key (secret_hash, ${columns}) values (?, ?, ?, ?, ?, ?, ?)`)
        .run(hashOf(secret), key.key_id, person, role, partner_id, key.created_at, null);
      return { key, secret };
    },
    find: (secret) =>
      database
        .prepare(`select ${columns} from access_key where secret_hash = ? and revoked_at is null`)
        .get(hashOf(secret)) as unknown as AccessKey | undefined,
    list: () =>
      database.prepare(`select ${columns} from access_key order by created_at, key_id`).all() as unknown as AccessKey[],
    revoke: (key_id) =>
      Number(
        database
          .prepare('update access_key set revoked_at = ? where key_id = ? and revoked_at is null')
          .run(clock(), key_id).changes,
      ) > 0,
  };
}
