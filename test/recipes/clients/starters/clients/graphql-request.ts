import { gql, GraphQLClient } from 'graphql-request';
import { graphql } from '@hedgerow/core/describe';
import { hedgedFetch } from '@hedgerow/fetch';
import { hedger } from './hedger.js';

const client = new GraphQLClient('https://api.example.com/graphql', { fetch: hedgedFetch({ hedger, describe: graphql() }) });

export const items = () => client.request(gql`query Items { items { id } }`);
export const pay = () => client.request(gql`mutation Pay { pay }`); // never sent twice
