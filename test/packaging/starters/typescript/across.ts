import axios from 'axios';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { hedgedRequestHandler } from '@hedgerow/aws';
import { hedgedAdapter } from '@hedgerow/axios';
import { hedgedInterceptor } from '@hedgerow/connect';
import { hedgedFetch } from '@hedgerow/fetch';
import { hedgingInterceptor } from '@hedgerow/grpc';
import { instrumentHedger } from '@hedgerow/opentelemetry';

/** CommonJS, with a Hedger that is imported. */
export async function share(): Promise<unknown[]> {
  const { Hedger } = await import('@hedgerow/core');
  const hedger = new Hedger({ delay: 50 });
  instrumentHedger(hedger);
  // @ts-expect-error not a Hedger
  hedgedFetch({ hedger: {} });
  const others = [hedgedInterceptor({ hedger }), hedgedRequestHandler(new NodeHttpHandler(), { hedger })];
  return [axios.create({ adapter: hedgedAdapter({ hedger }) }), hedgedFetch({ hedger }), hedgingInterceptor({ hedger }), ...others];
}
