/** What readers of the guide to Elasticsearch have already. */
import { Client, SniffingTransport } from '@elastic/elasticsearch';
import { hedgedTransport } from '@hedgerow/elastic';

export const client: Client = new Client({ node: process.env.SEARCH_URL ?? '', Transport: hedgedTransport(SniffingTransport) });
