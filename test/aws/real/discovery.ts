import { hedgedRequestHandler, type AnyRequestHandler } from '@hedgerow/aws';
import { report } from './report.js';
import { load, make, makeClient } from './sdk.js';
import { StallingProxy } from './stalling-proxy.js';

/** Longer than a busy machine may keep a hedge waiting. */
const STALL_MS = 500;
const HEDGE_AFTER_MS = 10;
const FOUND = 'cell1.query.timestream.us-east-1.amazonaws.com';
const READS = ['Timestream.DescribeEndpoints', 'Timestream.Query'];

interface Asked {
  readonly hostname: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A service whose client first asks where to ask: that, and what follows it, goes where it goes without us, as often, or twice where its user says so. */
export async function discovery(): Promise<void> {
  const [timestream, node] = await Promise.all([load<object>('@aws-sdk/client-timestream-query'), load<object>('@smithy/node-http-handler')]);
  const service = new StallingProxy(0);
  const origin = new URL(await service.listen());
  service.stallMs = STALL_MS;
  service.script = ({ 'x-amz-target': target }) =>
    String(target).endsWith('.DescribeEndpoints')
      ? { status: 200, body: JSON.stringify({ Endpoints: [{ Address: FOUND, CachePeriodInMinutes: 60 }] }) }
      : { status: 200, body: '{"QueryId":"q","Rows":[],"ColumnInfo":[]}' };

  /** What two queries come to, as the service sees them: hosts and operations, and how often each came. */
  async function ask(wrap: (handler: AnyRequestHandler) => AnyRequestHandler): Promise<{ readonly seen: string; readonly areAlike: boolean; readonly hosts: ReadonlySet<string> }> {
    const hosts = new Set<string>();
    const inner = make(node, 'NodeHttpHandler', {}) as AnyRequestHandler;
    // AWS's names are looked up here, and nowhere else.
    const local: AnyRequestHandler = Object.assign(Object.create(inner) as AnyRequestHandler, {
      handle: (request: Asked, options: never) => {
        hosts.add(request.hostname);
        const here = Object.assign(Object.create(Object.getPrototypeOf(request) as object) as object, request, { protocol: 'http:', hostname: '127.0.0.1', port: Number(origin.port) });
        return inner.handle(here as never, options);
      },
    });
    const settings = { region: 'us-east-1', credentials: { accessKeyId: 'AK', secretAccessKey: 'SK' }, requestHandler: wrap(local) };
    const client = makeClient(timestream, 'TimestreamQueryClient', settings);
    service.tries.clear();
    for (let call = 0; call < 2; call++) await client.send(make(timestream, 'QueryCommand', { QueryString: 'SELECT 1' }));
    client.destroy();
    const tries = [...service.tries.values()];
    const seen = tries.map(({ target, times, headers: { host } }) => `${target.replace(/^.*\./, '')} at ${String(host).replace(/\..*$/, '')} ×${times}`).join(', ');
    return { seen, areAlike: tries.every(({ signatures }) => signatures.size === 1), hosts };
  }

  const options = { delay: HEDGE_AFTER_MS, budget: false, telemetry: false } as const;
  const plain = await ask((handler) => handler);
  const hedged = await ask((handler) => hedgedRequestHandler(handler, options));
  const named = await ask((handler) => hedgedRequestHandler(handler, { ...options, operations: READS }));
  service.close();
  report('endpoint discovery, plain, hedged, and hedged by name', [plain, hedged, named].map(({ seen }) => seen).join(' | '), {
    'what is not named is as without us': hedged.seen === plain.seen,
    'it is found once, and asked from then on': /^DescribeEndpoints at query ×1, Query at cell1 ×1, Query at cell1 ×1$/.test(plain.seen),
    'what is named is sent twice, to where its primary went': named.seen === plain.seen.replaceAll('×1', '×2'),
    'copies have one signature': named.areAlike,
    'nobody else is asked': [...named.hosts].join() === [...plain.hosts].join(),
  });
}
