import { Client, SniffingTransport } from '@elastic/elasticsearch';
import { hedgedTransport, hedgeInfo } from '@hedgerow/elastic';

export async function call({ url }) {
  const Transport = hedgedTransport(SniffingTransport, { delay: 20, budget: false });
  const client = new Client({ node: `${url}/elastic`, Transport });
  try {
    return hedgeInfo(await client.get({ index: 'things', id: '1' }, { meta: true }));
  } finally {
    await client.close();
  }
}
