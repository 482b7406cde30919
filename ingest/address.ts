// Where a system answers: an option that is an http(s) address.
import { z } from 'zod';

export function address(): z.ZodURL {
  return z.url({ protocol: /^https?$/, error: 'expected an address such as https://api.example.com' });
}
