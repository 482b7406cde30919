// The guess at what was meant.
import { expect, test } from 'vitest';
import { didYouMean, nearest } from '../../core/nearest.ts';

test('a slip of the keyboard is recognised, another word is not', () => {
  expect(nearest('lookbak_days', ['lookback_days', 'methods'])).toBe('lookback_days');
  expect(nearest('zebra', ['lookback_days', 'methods'])).toBeUndefined();
  expect(didYouMean('metods', ['methods'])).toBe('; did you mean `methods`?');
  expect(didYouMean('zebra', ['methods'])).toBe('');
});
