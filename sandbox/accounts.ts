// The companies that buy or may buy: accounts, the people in them, and duplicates that were merged away.
import { type Day, toInstant } from './calendar.ts';
import { companyNameOf, domainOf, firstNames, freeMail, lastNames } from './names.ts';
import type { Partner } from './partners.ts';
import type { Random } from './random.ts';
import { type Account, anyTime, officeTime, type Segment, type World } from './world.ts';

const EUROPE_SHARE = 0.24;
const FREE_MAIL_SHARE = 0.12;
const DUPLICATE_SHARE = 0.012;

/** Draws account number `index`, created on a day, and writes it with its contacts. */
export function writeAccount(world: World, random: Random, index: number, day: Day, partner?: Partner): Account {
  const isEuropean = partner ? partner.isEuropean : random.chance(EUROPE_SHARE);
  const name = partner ? partner.name : companyNameOf(index, isEuropean);
  const draw = random.next();
  const segment: Segment = draw < 0.56 ? 'smb' : draw < 0.92 ? 'mid' : 'enterprise';
  const hasFreeMail = !partner && segment === 'smb' && random.chance(FREE_MAIL_SHARE);
  const domain = hasFreeMail ? undefined : domainOf(name);
  const country = isEuropean ? random.pick(['DE', 'DE', 'FR', 'NL']) : random.chance(0.07) ? 'CA' : 'US';
  const id = world.nextId('A');
  const duplicateId = random.chance(DUPLICATE_SHARE) ? world.nextId('A') : undefined;
  const created = toInstant(anyTime(random, day));
  const base = { name, domain, country, segment };
  world.sheets.write('accounts', { account_id: id, ...base, created_at: created });
  if (duplicateId)
    world.sheets.write('accounts', {
      account_id: duplicateId,
      ...base,
      name: `${name} (duplicate)`,
      created_at: toInstant(officeTime(random, day + 20)),
      merged_into: id,
    });
  const contacts = writeContacts(world, random, { id, duplicateId, domain, created });
  const currency = isEuropean ? 'EUR' : 'USD';
  return { id, name, domain, country, isEuropean, currency, segment, contacts, duplicateId, partner };
}

/** One to four people; some are known twice, the second record merged into the first. */
function writeContacts(
  world: World,
  random: Random,
  account: { id: string; duplicateId: string | undefined; domain: string | undefined; created: string },
): Account['contacts'] {
  const contacts = Array.from({ length: random.whole(1, 4) }, () => {
    const person = `${random.pick(firstNames)}.${random.pick(lastNames)}`;
    const email = account.domain ? `${person}@${account.domain}` : `${person}@${random.pick(freeMail)}`;
    const contact = { id: world.nextId('C'), email };
    world.sheets.write('contacts', {
      contact_id: contact.id,
      account_id: account.id,
      email,
      created_at: account.created,
    });
    return contact;
  });
  if (random.chance(0.01))
    world.sheets.write('contacts', {
      contact_id: world.nextId('C'),
      account_id: account.duplicateId ?? account.id,
      email: contacts[0]!.email,
      created_at: account.created,
      merged_into: contacts[0]!.id,
    });
  return contacts;
}

/** The account's id as somebody would write it: now and then that of its merged duplicate. */
export function referenceOf(random: Random, account: Account): string {
  return account.duplicateId && random.chance(0.3) ? account.duplicateId : account.id;
}
