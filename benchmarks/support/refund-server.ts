// A server on loopback that answers Stripe's lists: as many refunds as are asked for, made when they are asked for, and nothing
// else. `refund-server.ts RECORDS` prints its address.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const PAGE = 100;
const records = Number(process.argv[2]);

/** Newest first: the highest number is at the head of the list. */
function refund(number: number): string {
  const id = String(number).padStart(9, '0');
  return `{"id":"re_${id}","object":"refund","amount":${1000 + (number % 90000)},"balance_transaction":"txn_${id}","charge":"ch_${id}","created":${1_700_000_000 + number},"currency":"usd","customer":"cus_${number % 50_000}","destination_details":{"card":{"type":"refund"},"type":"card"},"metadata":{"reason":"seats"},"payment_intent":"pi_${id}","payment_method":null,"reason":"requested_by_customer","receipt_number":null,"source_transfer_reversal":null,"status":"succeeded","transfer_reversal":null}`;
}

function page(after: string | null): string {
  const first = after === null ? records : Number(after.slice('re_'.length)) - 1;
  const count = Math.min(PAGE, first);
  const data = Array.from({ length: count }, (_, index) => refund(first - index));
  return `{"object":"list","data":[${data.join(',')}],"has_more":${first > PAGE},"url":"/v1/refunds"}`;
}

const empty = '{"object":"list","data":[],"has_more":false,"url":"/v1"}';
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const body = pathname === '/v1/refunds' ? page(searchParams.get('starting_after')) : empty;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
