// Order by UTF-8 bytes, and the parts of an id.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareBytes, splitCanonicalId } from '../../core/ids.ts';

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
  expect(splitCanonicalId('crm:a:b')).toEqual({ source: 'crm', native_id: 'a:b' }));
