// A Hedger of one format in adapters of the other: across.cjs import, or across.cjs require, says which format the Hedger has.
const assert = require('node:assert/strict');

const backend = JSON.parse(process.env.HEDGEROW_BACKEND);
const OURS = ['core', 'axios', 'fetch', 'grpc', 'elastic', 'aws', 'opentelemetry'].map((name) => `@hedgerow/${name}`);
const PACKAGES = [...OURS, 'axios', '@grpc/grpc-js', '@elastic/elasticsearch', '@smithy/node-http-handler'];

async function formats() {
  const imported = Object.fromEntries(await Promise.all(PACKAGES.map(async (name) => [name, await import(name)])));
  const required = Object.fromEntries(PACKAGES.map((name) => [name, require(name)]));
  return { import: imported, require: required };
}

function interceptorsFor(grpc, interceptor) {
  const { credentials, makeGenericClientConstructor } = grpc;
  const find = {
    path: '/hedgerow.Check/Find',
    requestStream: false,
    responseStream: false,
    requestSerialize: (value) => Buffer.from(JSON.stringify(value)),
    responseDeserialize: (bytes) => JSON.parse(bytes.toString()),
  };
  const Client = makeGenericClientConstructor({ find }, 'Check');
  return new Client(backend.grpc, credentials.createInsecure(), { interceptors: [interceptor], 'grpc.enable_retries': 0 });
}

async function main() {
  const { [process.argv[2]]: hedgers, [process.argv[2] === 'import' ? 'require' : 'import']: adapters } = await formats();
  const { Hedger } = hedgers['@hedgerow/core'];
  const readers = [hedgers['@hedgerow/core'], adapters['@hedgerow/core'], adapters['@hedgerow/axios']];
  const axios = adapters.axios.default ?? adapters.axios;

  function check(carrier) {
    for (const { hedgeInfo, isHedge } of readers) {
      assert.equal(hedgeInfo(carrier)?.attempts, 2);
      assert.equal(hedgeInfo(carrier).isHedge, true);
      assert.equal(isHedge(carrier), true);
    }
  }

  const hedger = new Hedger({ delay: 20, budget: false });
  adapters['@hedgerow/opentelemetry'].instrumentHedger(hedger);
  const client = axios.create({ adapter: adapters['@hedgerow/axios'].hedgedAdapter({ hedger }) });
  check(await client.get(`${backend.url}/axios`));
  const fetch = adapters['@hedgerow/fetch'].hedgedFetch({ hedger });
  check(await fetch(`${backend.url}/fetch`));
  const interceptor = adapters['@hedgerow/grpc'].hedgingInterceptor({ hedger, methods: ['hedgerow.Check/Find'] });
  const service = interceptorsFor(adapters['@grpc/grpc-js'], interceptor);
  await new Promise((resolve, reject) => {
    const call = service.find({ url: `${backend.url}/grpc` }, (error) => (error ? reject(error) : resolve(check(call))));
  });
  service.close();
  const { Client, SniffingTransport } = adapters['@elastic/elasticsearch'];
  const elastic = new Client({ node: `${backend.url}/elastic`, Transport: adapters['@hedgerow/elastic'].hedgedTransport(SniffingTransport, { hedger }) });
  check(await elastic.get({ index: 'things', id: '1' }, { meta: true }));
  await elastic.close();
  const handler = adapters['@hedgerow/aws'].hedgedRequestHandler(new adapters['@smithy/node-http-handler'].NodeHttpHandler(), { hedger });
  const { protocol, hostname, port, pathname } = new URL(`${backend.url}/aws`);
  check((await handler.handle({ method: 'GET', protocol, hostname, port: Number(port), path: pathname, headers: {} })).response);
  handler.destroy();
  const { calls, hedged, wins } = hedger.stats();
  assert.deepEqual({ calls, hedged, wins }, { calls: 5, hedged: 5, wins: { primary: 0, hedge: 5 } });

  // One token for all: the first call of either format takes it, and the other format goes without.
  const spare = new Hedger({ delay: 20, budget: { ratio: 0.01, burst: 1 } });
  const both = { adapter: adapters['@hedgerow/axios'], own: hedgers['@hedgerow/axios'] };
  const outcomes = [];
  for (const [name, { hedgedAdapter, hedgeInfo }] of Object.entries(both)) {
    const response = await axios.get(`${backend.url}/late/${name}`, { adapter: hedgedAdapter({ hedger: spare }) });
    outcomes.push(hedgeInfo(response));
  }
  assert.deepEqual(
    outcomes.map(({ attempts, suppressionReason }) => [attempts, suppressionReason]),
    [
      [2, undefined],
      [1, 'budget_exhausted'],
    ],
  );
  assert.equal(spare.stats().suppressions.budget_exhausted, 1);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
