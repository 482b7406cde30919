// Who takes a decision: the person whose key is in SOURCED_KEY (domain.md §9).
import { UsageError } from '../../core/errors.ts';
import type { AccessKey, Books, Role } from '../books.ts';

/** As what a decision is recorded. Throws like `keyInUse`. */
export function personOf(books: Books, deciders?: readonly Role[]): { readonly person: string; readonly role: Role } {
  const { person, role } = keyInUse(books, deciders);
  return { person, role };
}

/** Throws UsageError where SOURCED_KEY is missing, is not in force, or has a role that does not decide this. */
export function keyInUse(books: Books, deciders?: readonly Role[]): AccessKey {
  const secret = process.env.SOURCED_KEY;
  const key = secret ? books.keys.find(secret) : undefined;
  if (!key)
    throw new UsageError(
      secret ? 'the key in SOURCED_KEY is not in force' : 'a decision needs to know who takes it',
      'set SOURCED_KEY to your key (sourced keys create)',
    );
  if (deciders && !deciders.includes(key.role))
    throw new UsageError(
      `a key of role ${key.role} does not decide this`,
      `it takes the role ${deciders.join(' or ')}`,
    );
  return key;
}
