// Record ids as Salesforce makes them: three characters for the kind of record, twelve for the record, three that keep the case
// of the others. The same text always gives the same id.
import { createHash } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const checks = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** The prefixes of the kinds that the sandbox company has. */
const prefixes = {
  Account: '001',
  Contact: '003',
  User: '005',
  Opportunity: '006',
  OpportunityHistory: '008',
  OpportunityPartner: '00I',
  OpportunityContactRole: '00K',
  Lead: '00Q',
  CampaignMember: '00v',
  Campaign: '701',
  Deal_Registration__c: 'a01',
} as const;
export type ObjectName = keyof typeof prefixes;

/** The 18-character id of a record that the company calls `text`; an id of Salesforce's own stays what it is. */
export function salesforceId(object: ObjectName, text: string): string {
  if (/^[a-zA-Z0-9]{18}$/.test(text)) return text;
  if (/^[a-zA-Z0-9]{15}$/.test(text)) return text + checkCharacters(text);
  const digest = createHash('sha256').update(text).digest();
  const own = Array.from(digest.subarray(0, 10), (byte) => alphabet[byte % alphabet.length]).join('');
  const short = `${prefixes[object]}Sb${own}`;
  return short + checkCharacters(short);
}

/** Each five characters give one: which of them are capitals (Salesforce's rule for 18-character ids). */
function checkCharacters(short: string): string {
  return [0, 5, 10]
    .map((start) => {
      const capitals = [...short.slice(start, start + 5)].map((letter) => (/[A-Z]/.test(letter) ? 1 : 0));
      return checks[capitals.reduce<number>((sum, bit, index) => sum + bit * 2 ** index, 0)];
    })
    .join('');
}
