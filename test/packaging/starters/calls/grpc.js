import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { hedgeInfo, hedgingInterceptor } from '@hedgerow/grpc';

const serialize = (value) => Buffer.from(JSON.stringify(value));
const deserialize = (bytes) => JSON.parse(bytes.toString());
const find = {
  path: '/hedgerow.Check/Find',
  requestStream: false,
  responseStream: false,
  requestSerialize: serialize,
  requestDeserialize: deserialize,
  responseSerialize: serialize,
  responseDeserialize: deserialize,
};
const Client = makeGenericClientConstructor({ find }, 'Check');

export async function call({ url, grpc }) {
  const interceptor = hedgingInterceptor({ methods: ['hedgerow.Check/Find'], delay: 20, budget: false });
  const client = new Client(grpc, credentials.createInsecure(), { interceptors: [interceptor], 'grpc.enable_retries': 0 });
  try {
    return await new Promise((resolve, reject) => {
      const find = client.find({ url: `${url}/grpc` }, (error) => (error ? reject(error) : resolve(hedgeInfo(find))));
    });
  } finally {
    client.close();
  }
}
