// Salesforce by bulk jobs obeys the contract too: parts of a result are resumed, a job that failed is begun anew.
import { test } from 'vitest';
import { salesforceFixture } from './fixtures/salesforce.ts';
import { obey, randomSchedule, rules } from './suite.ts';

const fixture = salesforceFixture({ by_bulk: true });

test.each([
  'a full reading holds what the vendor holds',
  'readings that follow changes end where a full reading does',
  'a reading goes on from every state that was ever saved',
  'killed anywhere, records, quarantine, loads and cursor are committed together',
  'what cannot be trusted ends the reading, and the next one recovers',
])('%s', (rule) => obey(rules[rule]!, fixture, 1));

test.each([1, 2])('random schedule %i', (seed) => obey(randomSchedule, fixture, seed));
