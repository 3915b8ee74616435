// Errors are those of the axios that the caller requires.
const assert = require('node:assert/strict');
const axios = require('axios');
const { hedgedAdapter, hedgeInfo, Hedger } = require('@hedgerow/axios');

const { url } = JSON.parse(process.env.HEDGEROW_BACKEND);
const { AxiosError, CanceledError, isAxiosError, isCancel } = axios;

async function failureOf(promise) {
  return promise.then(
    () => assert.fail('it did not fail'),
    (error) => error,
  );
}

async function main() {
  const hedger = new Hedger({ delay: 20, budget: false });
  const client = axios.create({ adapter: hedgedAdapter({ hedger }) });

  const lost = await failureOf(client.get(`${url}/late/404`));
  assert(lost instanceof AxiosError, '404: no AxiosError');
  assert(isAxiosError(lost));
  assert.equal(lost.response.status, 404);
  assert.equal(hedgeInfo(lost).attempts, 2);

  const refused = await failureOf(client.get('http://127.0.0.1:1/'));
  assert(refused instanceof AxiosError, 'connection refused: no AxiosError');
  assert.equal(refused.code, 'ECONNREFUSED');

  const late = await failureOf(client.get(`${url}/never`, { timeout: 100 }));
  assert(late instanceof AxiosError, 'timeout: no AxiosError');
  assert.equal(late.code, AxiosError.ECONNABORTED);

  const controller = new AbortController();
  setTimeout(() => controller.abort(), 60);
  const given = await failureOf(client.get(`${url}/never`, { signal: controller.signal }));
  assert(given instanceof CanceledError, 'aborted: no CanceledError');
  assert(isCancel(given));

  const source = axios.CancelToken.source();
  setTimeout(() => source.cancel('enough'), 60);
  const cancelled = await failureOf(client.get(`${url}/never`, { cancelToken: source.token }));
  assert(cancelled instanceof CanceledError, 'cancelled: no CanceledError');
  assert.equal(cancelled.message, 'enough');
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
