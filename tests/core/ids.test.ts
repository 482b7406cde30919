// Order by UTF-8 bytes and the guess at what was meant.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalId, compareBytes, nearest, splitCanonicalId } from '../../core/ids.ts';

test('compareBytes is the order of the UTF-8 bytes', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (left, right) => {
      expect(Math.sign(compareBytes(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }),
    {
      numRuns: 1000,
      examples: [
        ['\u{1F600}', '\uFB01'],
        ['a', 'B'],
        ['P-10', 'P-2'],
      ],
    },
  ));

test('a canonical id is source and native id, which may hold a colon', () =>
  expect(splitCanonicalId(canonicalId('crm', 'a:b'))).toEqual({ source: 'crm', native_id: 'a:b' }));

test('a slip of the keyboard is recognised, another word is not', () => {
  expect(nearest('lookbak_days', ['lookback_days', 'methods'])).toBe('lookback_days');
  expect(nearest('zebra', ['lookback_days', 'methods'])).toBeUndefined();
});
